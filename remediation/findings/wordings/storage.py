"""What holds data: full or read-only disks, damaged files, locks, databases, their migrations and the version that wrote them."""

from collections.abc import Mapping, Sequence

STORAGE: Mapping[str, Sequence[str]] = {
    "disk_full": (
        r"[Nn]ot enough disk space|[Ii]nsufficient disk space|[Dd]isk (?:space )?(?:is )?full|[Ll]ow[- ]disk[- ]space",
        r"[Nn]o space left on device|ENOSPC|disk (?:is )?full|[Dd]isk quota exceeded|EDQUOT|could not extend file|database or disk is full",
        r"insufficient (?:disk|storage)(?: space| resources)?|out of disk space|not enough (?:free )?(?:disk )?space",
        r"flood[- ]stage disk watermark",
        r"No usable disk space",
        r"low[- ]disk[- ]space condition",
        r"volume is full|Disk is full|The table '[^']+' is full|disk usage exceeded|high disk watermark|disk\.usage\.exceed",
    ),
    "read_only_filesystem": (
        r"[Rr]ead-only file system(?!\?)[^\n]{0,10}?(?:[:,] ?(?:open|mkdir|unlink)? ?[`'\"]?(?P<path>/[\w./-]+))?",
        r"EROFS[^\n]*?(?:[`'\"](?P<path>/[\w./-]+))?|read-only directory:? ?(?P<path>/[\w./-]+)?",
    ),
    "read_only": (
        r"read[- ]only (?:transaction|mode|replica|standby)|READONLY You can't write|--read-only option|--super-read-only option",
        r"not (?:the )?(?:master|primary|leader)\b.*(?:write|read-?only)|NotWritablePrimary|NotPrimaryNoSecondaryOk|not primary",
        r"database is in (?:recovery|read-only) mode|index read-only / allow delete|ClusterBlockException|FORBIDDEN/12/index",
        r"MISCONF Redis is configured to save RDB|READONLY\b|NOREPLICAS",
    ),
    "data_damaged": (
        r"could not locate a valid checkpoint record|invalid primary checkpoint record|Bad file format reading the append only file",
        r"WT_PANIC|WiredTiger error[^\n]*(?:corrupt|panic)|InnoDB:[^\n]*corrupt|is corrupt(?:ed)?\b",
        r"[Cc]orrupt(?:ed)? (?:data|index|segment|block|WAL|log|page)",
        r"lock DB directory: resource temporarily unavailable|lock file \"[^\"]+\" already exists|Unable to lock [\w./]*ibdata",
        r"failed to obtain node lock",
        r"[Dd]irectory is already locked|[Mm]alformed database|database disk image is malformed",
        r"tocommit\(\d+\) is out of range|InconsistentClusterIdException|doesn't match stored clusterId",
        r"\b(?:page|block|index|file|data|log|segment|table)s? corruption|[Cc]orruption (?:on|in|of|detected)",
        r"CorruptRecord|[Cc]orrupt\w*Exception",
        r"Data Dictionary initialization failed|[Cc]hecksum mismatch|crc32 mismatch|unexpected EOF reading (?:WAL|segment)",
    ),
    "database_locked": (
        r"[Dd]eadlock (?:detected(?!:? (?:in |between |among )?(?:\w+ )?(?:threads?|goroutines?|workers?)\b)|found when)",
        r"[Ll]ock wait timeout(?: exceeded)?|canceling statement due to (?:lock|statement) timeout",
        r"database is locked",
        r"could not obtain lock on|ERROR 1205|ER_LOCK_(?:DEADLOCK|WAIT_TIMEOUT)|could not serialize access|WriteConflict",
        r"waiting for (?:\w+)Lock on",
    ),
    "database_missing": (
        r"(?<!system )database \"?(?P<database>[\w-]+)\"? does not exist|Unknown database '?(?P<database>[\w-]+)",
        r"relation \"(?P<database>[\w.]+)\" does not exist|no such table:? ?(?P<database>[\w.]+)?",
        r"Table '(?P<database>[^']+)' doesn't exist",
        r"column \"?(?P<database>[\w.]+)\"? (?:of relation \S+ )?does not exist|Unknown column '(?P<database>[^']+)'",
        r"schema \"(?P<database>\w+)\" does not",
        r"no queue '(?P<database>[^']+)'|no exchange '(?P<database>[^']+)'|UnknownTopicOrPartition|does not host this topic-partition",
        r"index_not_found_exception|no such index \[(?P<database>[\w.-]+)\]|NoSuchBucket|The specified bucket does not exist",
        r"[Cc]annot open database",
        r"Unknown [Tt]opic [Oo]r [Pp]artition|NOT_FOUND - no (?:vhost|queue|exchange)",
    ),
    "migration_failed": (
        r"migration(?:s)? (?:\S+ )?failed|Migration (?:\S+ )?failed|[Ff]lyway.*(?:failed|error|Exception)",
        r"Liquibase.*(?:failed|error|Exception)",
        r"[Dd]irty database version|Detected failed migration|Waiting for changelog lock|Could not acquire change log lock",
        r"Validate failed: Migration",
        r"Migrations? checksum mismatch|[Cc]an't locate revision identified by|[Ee]rror: P3\d{3}|found failed migrations",
        r"Migrations are pending",
        r"PendingMigrationError",
        r"An error has occurred, this and all later migrations canceled|InconsistentMigrationHistory",
        r"error (?:while )?(?:running|applying) migrations?",
    ),
    "version_mismatch": (
        r"initialized by PostgreSQL version (?P<version>[\d.]+), which is not compatible|database files are incompatible with server",
        r"[Cc]annot downgrade|[Dd]owngrade (?:is )?not supported|Invalid featureCompatibilityVersion|UPGRADE PROBLEM",
        r"[Uu]nsupported (?:redo log|server) version",
        r"Can't handle RDB format version|is not compatible with (?:this|the current) version",
        r"incompatible (?:data|on-disk|database) (?:format|version)",
        r"cannot (?:upgrade|be upgraded) (?:from|a node)",
    ),
}
