"""What a program lacks or refuses when it starts: variables, ports, commands, arguments, files, modules, a platform, configuration."""

from collections.abc import Mapping, Sequence

from remediation.findings.wordings.fragments import FLAG_ON, LACKS, LONG_VAR, VAR

STARTING: Mapping[str, Sequence[str]] = {
    "missing_environment": (
        (
            r"(?:env(?:ironment)?(?: variable)?s?|var(?:iable)?|setting|config(?:uration)?(?: key| value)?|required)"
            rf"[^\n]{{0,40}}?[\s:=(]{VAR}"
            rf"[^\n]{{0,30}}?\b{LACKS}"
        ),
        (
            rf"{VAR}:? (?:environment variable |env(?:ironment)? var(?:iable)? |env |variable |setting )?"
            r"(?:is |was |are )?(?:an? )?(?:not set|undefined|missing|required|mandatory|not defined|must be set|must be non-?empty|"
            r"must not be (?:empty|blank|null)|unset|must be provided|not provided|parameter (?:null or )?not set|unbound variable|"
            r"cannot be (?:empty|blank|null)|is empty|"
            r"not configured|not specified|not found\.? (?:in (?:the )?env|Declare it))"
        ),
        (
            r"\b(?:missing|undefined|unset|no|required|must set|[Pp]lease set|[Yy]ou (?:must|need to) (?:set|specify|provide)|not set|"
            rf"[Ss]et the)\b[^\n]{{0,40}}?(?:env(?:ironment)?|variable|setting|config(?:uration)?|key)[^\n]{{0,30}}?[\s:=('\"]{LONG_VAR}"
        ),
        (
            rf"(?:[Ss]et the|[Mm]ust specify|[Mm]ust set|[Pp]lease (?:set|provide|specify)|[Mm]issing required|required key) {VAR}"
            r"(?: environment variable| env| setting| to a non-empty| missing value|$)"
        ),
        r"KeyError: ['\"](?P<variable>[A-Z][A-Z0-9_]{2,})['\"]|key not found: \"(?P<variable>[A-Z][A-Z0-9_]{2,})\"",
        r"(?P<variable>[A-Z][A-Z0-9_]{3,}): unbound variable|Could not resolve placeholder '(?P<variable>[\w.-]+)'",
        r"(?:missing|required) required? ?(?:env|variable)s?:? (?P<variable>[A-Z][A-Z0-9_]+)|missing value for field (?P<variable>\w+)",
        r"validation errors? for \w+; (?P<variable>[A-Za-z_][\w.]*); [^\n]{0,10}?[Ff]ield required",
        r"\"path\": ?\[[; ]*\"(?P<variable>[A-Z][A-Z0-9_]+)\"",
        r"is not specified; You (?:need to|must) specify (?:one of the following[^;]*; -? ?)?(?P<variable>[A-Z][A-Z0-9_]+)",
        r"Missing `?(?P<variable>secret_key_base)`? for|(?P<variable>[A-Z][A-Z0-9_]+)['\"`]?: Required\b|Err` value: NotPresent",
        (
            rf"\b(?:[Ss]et|[Ee]xport|[Dd]efine|[Pp]rovide|[Ss]pecify|[Pp]ass|[Ee]xpect(?:ed|s)?|[Nn]o|[Nn]eeds?|[Rr]equires?|[Ff]ind|[Mm]issing|[Rr]ead)"
            rf" {LONG_VAR} (?:in|via|as|through|from|with) (?:the |your |an? )?(?:\.env|env|process\.env|os\.env|container|shell)"
        ),
        (
            rf"(?:did(?: not|n't) (?:set|specify|provide|define|configure)|export|find env(?:ironment)? ?var(?:iable)?:?|need) {LONG_VAR}"
            r"(?=\s*(?:$|[.,;!]|before|to |in |first))"
        ),
        (
            rf"{LONG_VAR},? (?:must be (?:defined|given|supplied|configured|exported)|was not (?:supplied|given|defined|exported)|"
            r"has no value|not in os\.environ|(?:could not|cannot) be (?:found|read) (?:in|from) (?:the )?env)"
        ),
        r"environment variable not found|You need to specify one of the following|[Dd]atabase is uninitialized and (?:superuser )?password",
    ),
    "port_in_use": (
        r"(?:listen|bind)[^\n]{0,120}?[:\s](?P<port>\d{2,5})[^\n]{0,60}?[Aa]ddress (?:already )?in use",
        r"[Aa]ddress already in use(?:[^\n]*?:(?P<port>\d{2,5})\b)?|EADDRINUSE[^\n]*?:(?P<port>\d{2,5})\b|EADDRINUSE|AddrInUse",
        r"[Pp]ort (?P<port>\d+) (?:is |was )?already (?:in use|allocated|being used)|bind\(\) to [\w.:\[\]]*?:(?P<port>\d+) failed \(98",
        r"Address in use|Only one usage of each socket address|[Pp]ort (?P<port>\d+) is in use",
    ),
    "port_not_permitted": (
        r"bind\(\) to [\w.:\[\]]*?:(?P<port>\d+) failed \(13|listen tcp [\w.\[\]]*:(?P<port>\d+): bind: permission denied",
        r"(?:listen |bind )?EACCES[^\n]*?:(?P<port>\d{2,5})\b",
        r"[Pp]ermission denied[^\n]{0,40}(?:port|bind)[^\n]{0,20}?\b(?P<port>\d{1,3})\b",
        r"make_sock: could not bind to address [\w.:\[\]]*?:(?P<port>\d+)|SocketException \(13\): Permission denied",
    ),
    "command_not_found": (
        (
            r"exec:? \"?(?P<command>[^\s\":]+)\"?: (?:executable file not found in \$?PATH|stat [^:]+: no such file|"
            r"no such file or directory|"
            r"permission denied|is a directory)"
        ),
        r"(?:sh|bash|/bin/\w+|line \d+|\.sh)(?:: line)?:? ?\d*:? ?(?P<command>[\w./-]+): (?:command )?not found",
        r"exec (?P<command>\S+): (?:no such file or directory|permission denied)|can't open file '(?P<command>[^']+)': \[Errno 2\]",
        r"Cannot find module '(?P<command>\.{0,2}/[^']+)'|Could not find or load main class (?P<command>[\w.$/-]+)",
        r"can't cd to (?P<command>\S+)",
        r"Unable to access jarfile (?P<command>\S+)|Could not open input file: (?P<command>\S+)",
        r"env: (?P<command>\S+): No such file or directory",
        r"The application '(?P<command>[^']+)' does not exist|(?:ba)?sh: (?:0: )?(?:[Cc]an't open |cannot open )(?P<command>\S+)",
        r"(?:ba)?sh: (?P<command>/\S+): No such file or directory|no such file to load -- (?P<command>\S+)",
    ),
    "argument_invalid": (
        r"unknown (?:\w+ )?(?:flag|option|command|argument)s?[: ]+['\"]?(?P<command>-{0,2}[\w.=-]+)",
        r"flag provided but not defined: (?P<command>-\S+)",
        r"unrecognized (?:option|argument|command)s?:? ?['\"]?(?P<command>[\w=./-]+)|[Uu]nexpected argument '(?P<command>[^']+)'",
        r"invalid option -- '?(?P<command>\w)|No such option:? (?P<command>-\S+)|Unrecognized VM option '(?P<command>[^']+)'",
        r"bad option: (?P<command>\S+)",
        r"Invalid (?:maximum|initial) heap size: (?P<command>\S+)|illegal option -- (?P<command>\w)",
        r"Missing script: \"?(?P<command>[\w:-]+)",
        r"requires at least one argument|error: the following required arguments were not provided",
        r"(?:required|missing) (?:flag|argument)\(?s?\)? \"?(?P<command>[\w-]+)",
    ),
    "script_invalid": (  # a shell or interpreter calls by its own name what it was handed as an argument
        (
            r"(?:^|[\s\"'])(?:/(?:usr/)?(?:local/)?bin/)?(?:ba|da|a|z|k)?sh: (?:-c: )?(?:line )?\d*:? ?"
            r"(?:[Ss]yntax error|unexpected EOF while)"
        ),
        r"(?:ba)?sh: -c: (?:line \d+: )?(?:unexpected|[Ss]yntax)",
        r"zsh:\d+: parse error|File \"<string>\", line \d+[^\0]{0,400}(?:SyntaxError|IndentationError)|error at -e line \d+",
    ),
    "file_missing": (
        r"(?:No such file or directory|ENOENT|does not exist)[^\n]{0,200}?\b\w{0,40}(?:[Ff]ile|[Pp]ath)=(?P<path>/[\w./-]{1,200})",
        (
            r"(?:open|stat|read|load|parse|find|[Cc]onfig(?:uration)? file:?|file|open\(\)|access) [`'\"]?(?P<path>/[\w./-]+)[`'\"]?"
            r"(?:: no such file or directory|[^\n]{0,20}(?:No such file|does not exist|not found|failed \(2))"
        ),
        r"(?P<path>/[\w./-]+): [Nn]o such file or directory|(?P<path>/[\w./-]+)'? (?:does not exist|doesn't exist|not found|was not found)",
        (
            r"(?:No such file or directory|ENOENT|FileNotFound(?:Error|Exception)|no such file or directory|"
            r"cannot find (?:the )?(?:file|path))"
            r"[^\n]*?(?:[:'\"( ](?P<path>/[\w./-]+))?"
        ),
        r"os error 2|NoSuchFileException:? ?(?P<path>/[\w./-]+)?|DirectoryNotFoundException[^\n]*?'(?P<path>/[^']+)'",
    ),
    "module_missing": (
        r"ModuleNotFoundError: No module named '(?P<module>[^']+)'|Cannot find (?:module|package) '(?P<module>[^']+)'",
        r"ImportError: cannot import name '(?P<module>\w+)'|ImportError: (?P<module>lib[\w.]+)",
        r"NoClassDefFoundError: (?P<module>[\w/.$]+)",
        r"ClassNotFoundException: (?P<module>[\w.$]+)|error while loading shared libraries: (?P<module>[\w.+-]+)",
        r"Error loading shared library (?P<module>\S+):",
        r"cannot load such file -- (?P<module>\S+)|Class \"(?P<module>[^\"]+)\" not found",
        r"version `(?P<module>GLIBC\w*[\d._]+)' not found",
        r"Could not load file or assembly '(?P<module>[^',]+)|You must install or update \.NET|Unable to load DLL '(?P<module>[^']+)",
        r"(?P<module>lib[\w.+-]+): cannot open shared object file|symbol not found|UnsupportedClassVersionError: (?P<module>[\w./$]+)",
        r"undefined symbol: (?P<module>\w+)|Bundler::GemNotFound",
        r"Could not find gem",
    ),
    "secret_missing": (
        r"[Ss]ecrets? \\?\"?(?P<resource>[a-z0-9][\w.-]*(?:/[a-z0-9][\w.-]*)?)\\?\"? (?:was |is )?(?:not found|missing|does not exist)",
        r"local SSL certificate (?P<resource>[\w.-]+/[\w.-]+) was not found",
    ),
    "definition_missing": (
        r"no matches for kind \\?\"(?P<resource>[\w.]+)\"",
        r"failed to (?:list|watch) \*?(?:[\w./]+\.)?(?P<resource>[A-Z]\w+): [^\n]*the server could not find the requested resource",
        r"customresourcedefinitions?[^\n]{0,40} \"(?P<resource>[\w.]+)\" not found",
    ),
    "wrong_platform": (
        r"exec (?P<path>\S+): exec format error|exec format error|cannot execute binary file|rosetta error|qemu: uncaught target",
    ),
    "security_refused": (
        r"(?:can ?not|must not|should not|refus\w+ to) (?:be )?run(?:ning)? (?:\w+ )?as root",
        r"\"root\" execution of the \w+ server is not permitted",
        r"must be run as root|requires? root|set[gu]id\(\d+\) failed|setgroups\(\) failed",
        r"failed switching to \"?[\w-]+\"?: operation not permitted",
        r"error: failed switching to|initgroups\([^)]*\) failed|can't drop privilege",
    ),
    "configuration_invalid": (
        rf"(?i:fail|error|exception)[^\n]{{0,300}}{FLAG_ON}",
        r"\[emerg\][^\n]*? in (?P<path>/[\w./-]+):\d+|\[ALERT\][^\n]*(?:config|pars)",
        r"[Ee]rror (?:parsing|loading|reading|in) config\w* file",
        (
            r"(?:invalid|malformed|unknown|bad|unsupported|unexpected|unrecognized) (?:config(?:uration)?|directive|value|setting|option|"
            r"parameter|syntax|field|key|property|section)"
        ),
        r"(?:config(?:uration)?|yaml|json|toml|properties|ini)\b[^\n]{0,40}(?:invalid|error|malformed|parse|unmarshal|not valid)",
        r"(?:parse|parsing|unmarshal|decod|load)\w* [^\n]{0,40}(?:config|yaml|json|toml)|\[emerg\]|yaml: line \d+|JSONDecodeError",
        r"could not parse|[Ee]rror during parsing|[Uu]nknown (?:directive|plugin)",
        r"ValidationError|Invalid (?:configuration|argument|value)|FATAL CONFIG FILE ERROR|Bad directive|[Uu]nknown configuration",
        r"cannot unmarshal",
        r"Failed to configure a DataSource|ImproperlyConfigured|field \w+ not found in type|YAMLException|ScannerError|ParserError",
        r"TomlError",
        r"Failed to bind properties|[Ss]yntax error(?! at or near)|unknown variable '[\w-]+=|Unable to parse config",
        r"is not a valid (?:URL|port|duration)",
        r"middleware \\?\"[^\"\\]+\\?\" does not exist",
        r"The configuration file [^\n]*(?:contains|has)|ConfigException|ConfigurationException|InvalidConfiguration",
    ),
}
