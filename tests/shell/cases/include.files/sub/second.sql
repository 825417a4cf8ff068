\echo in second
\ir third.sql
