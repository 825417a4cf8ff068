create table t (k int, v string, constraint PK_k primary key (k) not enforced) distributed by hash(k) into 6 buckets with ('value.format'='avro-registry', 'changelog.mode'='upsert')
%%
CREATE TABLE db2.t (a ROW<b INT NOT NULL, `c d` ARRAY<TIMESTAMP_LTZ(3)>>, m MAP<STRING, DECIMAL(5)>, c AS ((a.b) + 1) COMMENT 'it''s', ts TIMESTAMP(3) METADATA FROM 'timestamp' VIRTUAL, h BYTES METADATA, PRIMARY KEY (`x`, y) NOT ENFORCED, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) COMMENT 'c' PARTITIONED BY (a)
%%
CREATE TABLE t DISTRIBUTED INTO 3 BUCKETS AS SELECT 1 AS a
%%
CREATE MATERIALIZED TABLE t START_MODE = FROM_NOW(INTERVAL '1' HOUR) AS SELECT 1
%%
CREATE VIEW c.d.v (a COMMENT 'x', b) AS SELECT 1, 2
%%
CREATE TABLE t (a INTEGER NOT NULL, b NUMERIC(4), c TIME, d TIMESTAMP WITH LOCAL TIME ZONE, e CHAR, f DOUBLE PRECISION, g INTERVAL DAY TO SECOND(3), h VARCHAR(3) ARRAY, i STRUCTURED<'cls', x INT>, j RAW('c', 's'), k MULTISET<INT>, l my.udt, m BINARY VARYING(3))
