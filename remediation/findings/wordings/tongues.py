"""The same failures in German, French and Spanish, as PostgreSQL, MySQL, SQL Server, Java and the C library print them there."""

from collections.abc import Mapping, Sequence

TONGUES: Mapping[str, Sequence[str]] = {
    "wrong_credentials": (
        r"Passwort-Authentifizierung für Benutzer »?(?P<user>[\w.-]+)?|Anmeldung für den Benutzer '(?P<user>[\w.-]+)",
        r"Anmeldung fehlgeschlagen|keine Berechtigung für (?:Tabelle|Schema|Relation|Sequenz|Funktion|Datenbank|Sicht)",
        r"droit refusé pour (?:la |le )?(?:table|schéma|relation|séquence|fonction|base|vue)",
        r"[Pp]ermiso denegado a la (?:relación|tabla|base)",
        r"authentification par mot de passe échouée pour l'utilisateur «?\s?(?P<user>[\w.-]+)?|Échec de l'authentification",
        r"autentificación (?:de )?(?:tipo )?[\w-]{0,40} ?falló para el usuario|Acceso denegado para (?:el )?usuario:? '?(?P<user>[\w.-]+)?",
        r"Accès refusé pour l'utilisateur:? '?(?P<user>[\w.-]+)?|Benutzer '(?P<user>[\w.-]+)'@\S{1,253} hat keine Zugriffsberechtigung",
        r"ouverture de session de l'utilisateur|inicio de sesión del usuario|(?:Benutzername|Benutzer) oder (?:Passwort|Kennwort)",
        r"(?:nom d'utilisateur|identifiant) ou (?:le )?mot de passe (?:incorrect|invalide)",
    ),
    "too_many_connections": (
        r"schon zu viele Verbindungen|Zu viele Verbindungen|verbleibende Verbindungs-?[Ss]lots|trop de clients sont déjà connectés",
        r"Trop de connexions|emplacements de connexions? restants|demasiados clientes|Demasiadas conexiones",
    ),
    "read_only": (
        r"nicht in einer Read-Only-Transaktion|dans une transaction en lecture seule|en una transacción de (?:sólo|solo) lectura",
    ),
    "read_only_filesystem": (
        r"Dateisystem ist (?:nur lesbar|schreibgeschützt)|Système de fichiers accessible en lecture seul",
        r"[Ss]istema de (?:ficheros|archivos) de (?:sólo|solo) lectura",
    ),
    "database_missing": (
        r"(?:Datenbank|[Rr]elation|Spalte|Schema) »(?P<database>[\w.-]+)« existiert nicht",
        r"(?:la base de données|la relation|la colonne|le schéma) «\s?(?P<database>[\w.-]+)\s?» n'existe pas",
        r"[Nn]o existe (?:la base de datos|la relación|la columna|el esquema) «(?P<database>[\w.-]+)»",
    ),
    "database_locked": (r"Verklemmung \(Deadlock\)|Verklemmung entdeckt|interblocage \(deadlock\)|[Ii]nterblocage détecté",),
    "disk_full": (
        r"kein Speicherplatz|[Kk]ein Platz mehr auf|Aucun espace disponible sur|[Ee]space disque insuffisant|No queda espacio en el",
    ),
    "dns_failure": (
        r"Name oder der Dienst ist nicht bekannt|Name oder Dienst nicht bekannt|Temporärer Fehler bei der Namensauflösung",
        r"Nom ou service inconnu|Échec temporaire dans la résolution du nom|Nombre o servicio desconocido|en la resolución del nombre",
    ),
    "dependency_unreachable": (
        r"(?P<host>[A-Za-z][\w.-]{0,252}):(?P<port>\d{2,5})[^\n]{0,60}(?:Verbindungsaufbau abgelehnt|Connexion refusée|Conexión re)",
        r"Verbindungsaufbau abgelehnt|Verbindung (?:wurde )?(?:verweigert|abgelehnt)|Connexion refusée|Conexión (?:rehusada|rechazada)",
        r"Wartezeit für die Verbindung ist abgelaufen|Zeitüberschreitung (?:der|bei der|beim) Verbind|Connexion terminée par expiration",
        r"Délai de connexion (?:dépassé|expiré)|Expiró el tiempo de conexión|Keine Route zum Zielrechner|Kein Weg zum Rechner",
        r"Aucun chemin d'accès pour atteindre|No hay ruta hasta",
    ),
    "permission_denied": (
        (
            r"(?P<path>/[\w./-]{1,200})['\"»]?\s?[:(]\s?"
            r"(?:Keine Berechtigung|Zugriff verweigert|Permission (?:non accordée|refusée)|Permiso denegado)"
        ),
        r"Keine Berechtigung|Permission (?:non accordée|refusée)|Permiso denegado",
    ),
    "file_missing": (
        (
            r"(?P<path>/[\w./-]{1,200})['\"»]?\s?[:(]\s?"
            r"(?:Datei oder Verzeichnis nicht|Aucun fichier ou (?:dossier|répertoire)|No existe el (?:fich|arch))"
        ),
        r"Datei oder Verzeichnis nicht gefunden|Aucun fichier ou (?:dossier|répertoire) de ce|No existe el (?:fichero|archivo) o el dir",
    ),
    "port_in_use": (r"Adresse wird bereits verwendet|Adresse déjà utilisée|[Ll]a dirección ya se está usando",),
    "certificate_expired": (
        r"Zertifikat (?:ist )?abgelaufen|[Cc]ertificat (?:a |est )?expiré|[Cc]ertificado (?:ha )?(?:expirado|caducado)",
    ),
    "out_of_memory_inside": (
        r"Nicht genügend (?:Hauptspeicher|Arbeitsspeicher)|allouer de la mémoire|[Nn]o se (?:pudo|puede) asignar memoria",
    ),
}
