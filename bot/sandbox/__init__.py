"""A small true world behind thin HTTP faces of Slack, GitLab, Kubernetes, Datadog and Ollama."""
