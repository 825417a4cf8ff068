SELECT `a``b`, 'it''s', U&'\0041', _utf8'x', N'n', E'q\'q', X'0F', x FROM c.d -- end
%%
1 1.5 .5 1. 1e3 1.5E-2 1e 1..2 a.1b $rowtime é_1
%%
<> != <= >= || => -> :: .. ; ? | { } % ~ @ # " !
%%
SELECT /*+ OPTIONS('a' = '*/') */ /* c /* d */ 1 // line
, 2 --x
%%
'open
%%
`open
%%
/* open
%%
a /**/ b /***/ c
