"""Example articles for trying the suggester; written for this project."""

EXAMPLES = {
    "Leaking goroutines": (
        "Finding goroutine leaks before the pager does",
        "Goroutines leak when nobody reads the channel they write to. We show how pprof finds "
        "them in a running Go service, why a buffered channel only hides the fault, and how a "
        "context with a deadline ends them.",
    ),
    "A model in the browser": (
        "Running a small neural network in the browser",
        "A picture classifier of four megabytes runs in JavaScript on the visitor's own machine. "
        "We train it in Python, quantise it, load it with a web worker, and measure what the "
        "first prediction costs on an old phone.",
    ),
    "微服务拆分": (
        "把单体应用拆成微服务的半年",
        "我们用半年时间把一个订单系统从单体架构拆成了九个微服务。文章记录了接口怎么划分、"
        "数据库怎么拆、部署流程怎么改,以及哪两个服务最后又合了回去。",
    ),
}
