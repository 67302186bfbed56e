CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE alerts (
	seq INTEGER NOT NULL, 
	alert_id VARCHAR(64) NOT NULL, 
	source VARCHAR(40) NOT NULL, 
	cycle TEXT NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	received_at DATETIME NOT NULL, 
	body TEXT NOT NULL, 
	incident_id VARCHAR(200), 
	placed_at DATETIME, 
	ignored TEXT, 
	PRIMARY KEY (seq), 
	UNIQUE (alert_id)
);
CREATE TABLE chains (
	chain VARCHAR(240) NOT NULL, 
	length INTEGER NOT NULL, 
	head VARCHAR(64) NOT NULL, 
	PRIMARY KEY (chain)
);
CREATE TABLE config_history (
	config_id VARCHAR(240) NOT NULL, 
	changed_by TEXT NOT NULL, 
	changes JSON NOT NULL, 
	reason TEXT NOT NULL, 
	incident_id VARCHAR(200) NOT NULL, 
	created_at DATETIME NOT NULL, 
	PRIMARY KEY (config_id), 
	FOREIGN KEY(incident_id) REFERENCES incidents (incident_id)
);
CREATE TABLE effects (
	seq INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	external_id TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	prev_hash VARCHAR(64) NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	PRIMARY KEY (seq), 
	CONSTRAINT effects_state_once UNIQUE ("key", state)
);
CREATE TABLE entries (
	incident_id VARCHAR(200) NOT NULL, 
	seq INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	kind VARCHAR(40) NOT NULL, 
	at DATETIME NOT NULL, 
	heard INTEGER NOT NULL, 
	body TEXT NOT NULL, 
	prev_hash VARCHAR(64) NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	PRIMARY KEY (incident_id, seq), 
	CONSTRAINT entries_key_once UNIQUE (incident_id, "key"), 
	FOREIGN KEY(incident_id) REFERENCES incidents (incident_id)
);
CREATE TABLE healing_actions (
	action_id VARCHAR(240) NOT NULL, 
	incident_id VARCHAR(200) NOT NULL, 
	proposed_action JSON NOT NULL, 
	agl_decision VARCHAR(20) NOT NULL, 
	approved_action JSON, 
	executed_at DATETIME, 
	result VARCHAR(20), 
	created_at DATETIME NOT NULL, 
	remedy VARCHAR(80) NOT NULL, 
	subject TEXT NOT NULL, 
	fingerprint TEXT NOT NULL, 
	parameters JSON NOT NULL, 
	past VARCHAR(20), 
	reason TEXT NOT NULL, 
	settled_at DATETIME, 
	PRIMARY KEY (action_id), 
	FOREIGN KEY(incident_id) REFERENCES incidents (incident_id)
);
CREATE TABLE incidents (
	incident_id VARCHAR(200) NOT NULL, 
	type VARCHAR(80) NOT NULL, 
	detected_at DATETIME NOT NULL, 
	resolved_at DATETIME, 
	status VARCHAR(20) NOT NULL, 
	metrics_snapshot JSON NOT NULL, 
	mttr_seconds DOUBLE, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	title TEXT NOT NULL, 
	environment VARCHAR(80) NOT NULL, 
	severity VARCHAR(20) NOT NULL, 
	opened_as TEXT NOT NULL, 
	target TEXT NOT NULL, 
	phase VARCHAR(20) NOT NULL, 
	detailed_status VARCHAR(40) NOT NULL, 
	outcome VARCHAR(40), 
	PRIMARY KEY (incident_id)
);
CREATE TABLE memory_chunks (
	seq INTEGER NOT NULL, 
	memory_id VARCHAR(200) NOT NULL, 
	incident_type VARCHAR(80) NOT NULL, 
	incident_summary TEXT NOT NULL, 
	action_taken TEXT NOT NULL, 
	outcome VARCHAR(40) NOT NULL, 
	metrics_before JSON NOT NULL, 
	metrics_after JSON NOT NULL, 
	mttr_seconds DOUBLE, 
	created_at DATETIME NOT NULL, 
	symptoms TEXT NOT NULL, 
	cause TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	target TEXT NOT NULL, 
	service TEXT NOT NULL, 
	environment VARCHAR(80) NOT NULL, 
	remedy VARCHAR(80) NOT NULL, 
	parameters JSON NOT NULL, 
	level VARCHAR(4) NOT NULL, 
	refused BOOLEAN NOT NULL, 
	cause_confirmed VARCHAR(10) NOT NULL, 
	reason TEXT NOT NULL, 
	cost_usd DOUBLE NOT NULL, 
	ended_at DATETIME NOT NULL, 
	PRIMARY KEY (seq), 
	UNIQUE (memory_id)
);
CREATE TABLE signals (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	incident_id VARCHAR(200) NOT NULL, 
	"key" TEXT NOT NULL, 
	kind VARCHAR(40) NOT NULL, 
	body TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT signals_key_once UNIQUE (incident_id, "key"), 
	FOREIGN KEY(incident_id) REFERENCES incidents (incident_id)
);
CREATE VIRTUAL TABLE memory_search USING fts5(symptoms, tokenize='trigram');
CREATE INDEX alerts_by_cycle ON alerts (source, cycle) WHERE incident_id IS NOT NULL;
CREATE INDEX alerts_left ON alerts (source, cycle) WHERE ignored IS NOT NULL;
CREATE INDEX alerts_waiting ON alerts (seq) WHERE placed_at IS NULL;
CREATE INDEX ix_config_history_incident_id ON config_history (incident_id);
CREATE INDEX ix_healing_actions_incident_id ON healing_actions (incident_id);
CREATE INDEX ix_healing_actions_subject ON healing_actions (subject);
CREATE INDEX ix_incidents_detected_at ON incidents (detected_at);
CREATE INDEX ix_incidents_opened_as ON incidents (opened_as);
CREATE INDEX ix_incidents_phase ON incidents (phase);
CREATE INDEX ix_incidents_target ON incidents (target);
CREATE INDEX ix_memory_chunks_incident_type ON memory_chunks (incident_type);
CREATE INDEX memory_chunks_by_remedy ON memory_chunks (incident_type, remedy);
CREATE INDEX signals_in_order ON signals (incident_id, seq);
CREATE TRIGGER chains_refuse_delete BEFORE DELETE ON chains BEGIN SELECT RAISE(ABORT, 'a chain is kept for good'); END;
CREATE TRIGGER chains_refuse_update BEFORE UPDATE ON chains WHEN new.length <> old.length + 1 OR new.chain <> old.chain BEGIN SELECT RAISE(ABORT, 'a chain only grows by one'); END;
CREATE TRIGGER config_history_refuse_delete BEFORE DELETE ON config_history BEGIN SELECT RAISE(ABORT, 'config_history is append-only'); END;
CREATE TRIGGER config_history_refuse_update BEFORE UPDATE ON config_history BEGIN SELECT RAISE(ABORT, 'config_history is append-only'); END;
CREATE TRIGGER effects_refuse_delete BEFORE DELETE ON effects BEGIN SELECT RAISE(ABORT, 'effects is append-only'); END;
CREATE TRIGGER effects_refuse_update BEFORE UPDATE ON effects BEGIN SELECT RAISE(ABORT, 'effects is append-only'); END;
CREATE TRIGGER entries_refuse_delete BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'entries is append-only'); END;
CREATE TRIGGER entries_refuse_update BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'entries is append-only'); END;
INSERT INTO alembic_version VALUES ('0002');
