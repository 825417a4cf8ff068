{{ config(materialized='streaming_source', connector='faker', tags=['raw'], with={'rows-per-second': '1', 'fields.id.expression': "#{Number.numberBetween '1','9'}"}) }}
id INT, name STRING
