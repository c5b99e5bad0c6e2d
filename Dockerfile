# The pages and the HTTP API in one container: docs/containers.md says how to build and run it.
FROM python:3.11.14-slim-bookworm

# Where torch comes from: the build for processors. https://pypi.org/simple has the one for CUDA.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ARG REQUIREMENTS=requirements.txt

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 TAGSMITH_HOME=/data

RUN useradd --create-home --uid 10001 tagsmith && install -d -o tagsmith -g tagsmith /data
WORKDIR /app

COPY constraints.txt requirements.txt requirements-ray.txt ./
RUN grep '^torch==' requirements.txt > torch.txt \
    && pip install --index-url "$TORCH_INDEX" --extra-index-url https://pypi.org/simple -r torch.txt \
    && pip install -r "$REQUIREMENTS" \
    && rm torch.txt

COPY app.py LICENSE README.md ./
COPY .streamlit/config.toml .streamlit/
COPY core core
COPY pages pages
COPY data/sample data/sample
COPY data/story data/story

# The user's number, so that a cluster can see that it is not root.
USER 10001
VOLUME ["/data"]
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["python", "-m", "core", "serve", "--host", "0.0.0.0", "--port", "8501"]
