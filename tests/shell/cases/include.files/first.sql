\echo in first
\ir sub/second.sql
\q
\echo not reached
