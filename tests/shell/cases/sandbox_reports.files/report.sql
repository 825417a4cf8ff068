\echo ==== :what
\conninfo
\models
\ls big
\dag
\compile big
\plan big
\ps
\status big
\errors big
\d
\d+ big
\dt b*
\dv
\dm
\l
\dn
select 1 as one, 'a' as a, cast(null as string) as nothing
\g
\gdesc
set;
