SELECT convert_to(r.o, 'UTF8')
FROM (
  SELECT row_to_json(t1_)::text AS o
  FROM (
    SELECT t1.id AS "id",
      t1."code" AS "code",
      t1."name" AS "name",
      t1."start_date" AS "startDate",
      trim_scale(t1."percent_complete")::text AS "percentComplete",
      t1."billable" AS "billable"
    FROM api.project AS t1
    WHERE t1.id = CASE
      WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
    END
  ) AS t1_
) AS r
