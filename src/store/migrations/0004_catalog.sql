-- What a shop sells. Types and times as in 0001; money in minor units of the market's currency.

-- How a shop sells in a market (catalog/market.h has the markets themselves).
CREATE TABLE shop_market (
    shop_id INTEGER NOT NULL REFERENCES shop (id),
    market TEXT NOT NULL,
    active INTEGER NOT NULL DEFAULT 1,
    ship_home INTEGER NOT NULL,
    ship_cvs INTEGER,
    free_over INTEGER,
    cod INTEGER NOT NULL DEFAULT 1,
    version INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (shop_id, market)
) STRICT;

-- name: {"zh-TW": ..., "th": ..., "en": ...}
CREATE TABLE category (
    id INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    shop_id INTEGER NOT NULL REFERENCES shop (id),
    name TEXT NOT NULL,
    position INTEGER NOT NULL
) STRICT;
CREATE INDEX category_by_shop ON category (shop_id, position);

-- Pictures and other files that were uploaded. key: content hash, the name in the bucket or folder.
CREATE TABLE file (
    id INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    shop_id INTEGER NOT NULL REFERENCES shop (id),
    purpose TEXT NOT NULL CHECK (purpose = 'product' OR purpose = 'cover'
            OR purpose = 'thumbnail'),
    state TEXT NOT NULL CHECK (state = 'waiting' OR state = 'ready' OR state = 'refused'),
    key TEXT,
    mime TEXT,
    width INTEGER,
    height INTEGER,
    bytes INTEGER,
    upload_key TEXT,
    by_id INTEGER,
    created_at INTEGER NOT NULL,
    expires_at INTEGER
) STRICT;
CREATE INDEX file_by_shop ON file (shop_id, id);
CREATE INDEX file_by_key ON file (key);

-- options: [{"name": "color", "values": [["黑", "black"], ["白"]]}], first of each its name.
CREATE TABLE product (
    id INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    shop_id INTEGER NOT NULL REFERENCES shop (id),
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    options TEXT NOT NULL,
    category_id INTEGER REFERENCES category (id),
    status TEXT NOT NULL CHECK (status = 'draft' OR status = 'active' OR status = 'archived'),
    exempt TEXT NOT NULL CHECK (exempt = 'none' OR exempt = 'fresh' OR exempt = 'custom'
            OR exempt = 'hygiene' OR exempt = 'digital' OR exempt = 'media'
            OR exempt = 'periodical' OR exempt = 'other'),
    version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX product_by_shop ON product (shop_id, status, id);

CREATE TABLE product_media (
    product_id INTEGER NOT NULL REFERENCES product (id),
    position INTEGER NOT NULL,
    file_id INTEGER REFERENCES file (id),
    builtin TEXT,
    PRIMARY KEY (product_id, position)
) STRICT;

-- options: ["黑", "M"], one for each of the product's. The two integers of stock: I1.
CREATE TABLE variant (
    id INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    product_id INTEGER NOT NULL REFERENCES product (id),
    shop_id INTEGER NOT NULL REFERENCES shop (id),
    position INTEGER NOT NULL,
    sku TEXT,
    options TEXT NOT NULL,
    active INTEGER NOT NULL DEFAULT 1,
    stock_total INTEGER NOT NULL DEFAULT 0,
    stock_held INTEGER NOT NULL DEFAULT 0,
    track_stock INTEGER NOT NULL DEFAULT 1,
    weight_g INTEGER,
    cost_amount INTEGER,
    UNIQUE (shop_id, sku),
    CHECK (0 <= stock_held AND stock_held <= stock_total)
) STRICT;
CREATE INDEX variant_by_product ON variant (product_id, position);

CREATE TABLE price (
    variant_id INTEGER NOT NULL REFERENCES variant (id),
    market TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount >= 0),
    compare_at INTEGER,
    PRIMARY KEY (variant_id, market)
) STRICT;

CREATE TABLE price_log (
    id INTEGER PRIMARY KEY,
    variant_id INTEGER NOT NULL REFERENCES variant (id),
    market TEXT NOT NULL,
    amount INTEGER,
    compare_at INTEGER,
    actor_id INTEGER,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX price_log_by_variant ON price_log (variant_id, id);

-- Words of a product as search finds them: ICU words and the beginnings of Latin ones ("can*"),
-- single characters and pairs of Han text. weight: what a match is worth.
CREATE TABLE product_term (
    shop_id INTEGER NOT NULL,
    term TEXT NOT NULL,
    product_id INTEGER NOT NULL REFERENCES product (id),
    weight INTEGER NOT NULL,
    PRIMARY KEY (shop_id, term, product_id)
) STRICT;
CREATE INDEX product_term_by_product ON product_term (product_id);

-- Products from a file. body lies in import_chunk until it has been worked through; done counts
-- products, in the order of the file. errors: JSON, the first ones.
CREATE TABLE import_job (
    id INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    shop_id INTEGER NOT NULL REFERENCES shop (id),
    by_id INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state = 'loading' OR state = 'running' OR state = 'done'
            OR state = 'failed'),
    row_count INTEGER NOT NULL,
    product_count INTEGER NOT NULL,
    done INTEGER NOT NULL DEFAULT 0,
    created INTEGER NOT NULL DEFAULT 0,
    updated INTEGER NOT NULL DEFAULT 0,
    same INTEGER NOT NULL DEFAULT 0,
    error_count INTEGER NOT NULL DEFAULT 0,
    errors TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    touched_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;
CREATE INDEX import_job_open ON import_job (id) WHERE state IN ('loading', 'running');

CREATE TABLE import_chunk (
    import_id INTEGER NOT NULL REFERENCES import_job (id),
    n INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (import_id, n)
) STRICT;
