"""Background work: a job is a folder and a process that outlives the page that asked for it."""
