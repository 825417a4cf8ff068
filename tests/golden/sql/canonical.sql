select a,b from t where x='Y'
%%
SELECT `a` , `b`
FROM `t` -- c
WHERE x = 'Y' ;
%%
SELECT A, b FROM t WHERE x = 'Y'
%%
SELECT a, b FROM t WHERE x = 'y'
%%
select count( * ),sum(distinct x.y) over(partition by `k` order by v desc) from `my db`.`select`
%%
SELECT COUNT(*), Sum(DISTINCT `x`.y) OVER (PARTITION BY k ORDER BY v DESC) FROM `my db`.`select`
%%
select cast(a as decimal(10,2)), interval '1' day, - -1, a.b [ 1 ], array [ 1 ], row(1) from t /*+ options('A'='b') */
%%
CREATE view v as select first_value(x) from t limit 10
%%
SELECT `value`, `Value` FROM t
%%
SELECT 1 + (2*3) AS `x y`
%%
select json_query(a, '$' with conditional wrapper) from t
%%
grant Select on Foo to bar
%%
SELECT 'open
%%
SELECT (
%%

%%
;
