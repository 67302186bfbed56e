"""What serves where: the servers that applications depend on or are fronted by, how names and images call them, and their usual port."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Server:
    """name: as people write it.  port: where it listens unless it is told otherwise.  called: in names of workloads and images.

    words: that a log uses for it, in lower case; of what others only reach through it (a proxy, a dashboard) none.
    """

    name: str
    port: int
    called: re.Pattern[str]
    words: tuple[str, ...] = field(default=())


SERVERS: Sequence[Server] = tuple(
    Server(name=name, port=port, called=re.compile(called), words=words)
    for name, port, called, words in (
        ("PostgreSQL", 5432, r"postgres|\bpg\b|-pg|pgsql", ("postgres",)),
        ("MySQL", 3306, r"mysql|mariadb|percona", ("mysql", "mariadb")),
        ("Redis", 6379, r"redis|valkey|dragonfly", ("redis",)),
        ("MongoDB", 27017, r"mongo", ("mongo",)),
        ("Kafka", 9092, r"kafka|redpanda", ("kafka",)),
        ("RabbitMQ", 5672, r"rabbit|amqp", ("rabbitmq", "amqp")),
        ("Elasticsearch", 9200, r"elastic|opensearch|(?:^|-)es(?:-|$)", ("elasticsearch", "opensearch")),
        ("memcached", 11211, r"memcache", ("memcached",)),
        ("Vault", 8200, r"vault", ("vault",)),
        ("NATS", 4222, r"nats", ("nats",)),
        ("ZooKeeper", 2181, r"zookeeper|(?:^|-)zk(?:-|$)", ("zookeeper",)),
        ("etcd", 2379, r"etcd", ("etcd",)),
        ("LDAP", 389, r"ldap", ("ldap",)),
        ("MinIO", 9000, r"minio", ("minio",)),
        ("ClickHouse", 9000, r"clickhouse", ("clickhouse",)),
        ("the API server", 6443, r"kube-apiserver", ("kube-apiserver",)),
        ("nginx", 80, r"^nginx", ()),
        ("httpd", 80, r"^httpd", ()),
        ("Traefik", 80, r"^traefik", ()),
        ("Caddy", 80, r"^caddy", ()),
        ("Tomcat", 8080, r"^tomcat", ()),
        ("Grafana", 3000, r"^grafana", ()),
        ("Prometheus", 9090, r"^prometheus", ()),
        ("Kibana", 5601, r"^kibana", ()),
    )
)
_ANY = ("upstream", "broker", "cache", "queue", "smtp")  # what logs call a partner whose maker they do not name


def served_at(port: str) -> str:
    """What is usually served at a port, among that which others depend on; empty where that is not one thing."""
    known = [server.name for server in SERVERS if str(server.port) == port and server.words]
    return known[0] if len(known) == 1 else ""


def may_serve(port: str, name: str) -> bool:
    """Whether what has this name, or an image of it, is what usually listens on a port."""
    return any(server.called.search(name) for server in SERVERS if str(server.port) == port and server.words)


def usual_port(image: str) -> int | None:
    """Where a program listens unless it is told otherwise, by its image's name without registry and tag; None where it is not known."""
    return next((server.port for server in SERVERS if server.called.search(image)), None)


def partners_in(line: str) -> list[str]:
    """What a line calls that on which its writer depends, the most general word first, then those that name it."""
    lowered = line.lower()
    return [word for word in ("database", *(word for server in SERVERS for word in server.words), *_ANY) if word in lowered]
