-- Run once, after the first start of the server: docs/how-to/grow-the-catalog.md
--
-- Tiled's own index finds runs by equal values (verdict, sample, station). A range of times has none.
CREATE INDEX IF NOT EXISTS autofocus_runs_by_time
    ON nodes (parent, (metadata #> '{start,time}'));
ANALYZE nodes;
