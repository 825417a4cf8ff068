{{ config(materialized='streaming_source', connector='faker',
          with={'rows-per-second': 10}) }}
`id` INT,
`url` STRING,
`at` TIMESTAMP(3)
