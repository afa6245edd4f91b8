/* What the demo's shop sells: made once, by the same doors as in the studio. */
#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "catalog/edit.h"
#include "nightmarket/app.h"
#include "nightmarket/demo_in.h"
#include "stock/turn.h"
#include "store/store.h"

#include <string.h>

static const struct goods {
    const char *id, *body;
} goods[] = {
    {"prd_demo_bag",
     "{\"title\":{\"zh-TW\":\"手作帆布托特包\",\"th\":\"กระเป๋าผ้าแคนวาสทำมือ\","
     "\"en\":\"Handmade canvas tote\"},"
     "\"body\":{\"zh-TW\":\"16 盎司厚磅帆布，內袋可放 13 吋筆電。可機洗。\","
     "\"th\":\"ผ้าแคนวาสหนา 16 ออนซ์ ใส่โน้ตบุ๊ก 13 นิ้วได้ ซักเครื่องได้\","
     "\"en\":\"16 oz canvas, fits a 13-inch laptop. Machine washable.\"},"
     "\"media\":[\"bag\",\"tw-bag\"],"
     "\"options\":[{\"name\":\"color\",\"values\":[[\"黑\",\"black\",\"ดำ\",\"สีดำ\"],"
     "[\"米白\",\"白\",\"white\",\"ขาว\"],[\"墨綠\",\"綠\",\"green\",\"เขียว\"]]},"
     "{\"name\":\"size\",\"values\":[[\"M\"],[\"L\"]]}],"
     "\"variants\":["
     "{\"options\":[\"黑\",\"M\"],\"sku\":\"BAG-BK-M\",\"prices\":{\"TW\":590,\"TH\":65000},"
     "\"stock\":20,\"weight_g\":420},"
     "{\"options\":[\"黑\",\"L\"],\"sku\":\"BAG-BK-L\",\"prices\":{\"TW\":690,\"TH\":75000},"
     "\"stock\":12,\"weight_g\":520},"
     "{\"options\":[\"米白\",\"M\"],\"sku\":\"BAG-WH-M\",\"prices\":{\"TW\":590,\"TH\":65000},"
     "\"stock\":18,\"weight_g\":420},"
     "{\"options\":[\"米白\",\"L\"],\"sku\":\"BAG-WH-L\",\"prices\":{\"TW\":690,\"TH\":75000},"
     "\"stock\":6,\"weight_g\":520},"
     "{\"options\":[\"墨綠\",\"M\"],\"sku\":\"BAG-GN-M\",\"prices\":{\"TW\":590,\"TH\":65000},"
     "\"stock\":3,\"weight_g\":420},"
     "{\"options\":[\"墨綠\",\"L\"],\"sku\":\"BAG-GN-L\",\"prices\":{\"TW\":690,\"TH\":75000},"
     "\"stock\":0,\"weight_g\":520}]}"},
    {"prd_demo_mug",
     "{\"title\":{\"zh-TW\":\"窯燒手作杯\",\"th\":\"แก้วเซรามิกปั้นมือ\",\"en\":\"Kiln-fired mug\"},"
     "\"body\":{\"zh-TW\":\"每只釉色略有不同。350 ml，可微波。\",\"th\":\"สีเคลือบแต่ละใบไม่ซ้ำกัน 350 "
     "มล. เข้าไมโครเวฟได้\","
     "\"en\":\"No two glazes alike. 350 ml, microwave safe.\"},"
     "\"media\":[\"mug\",\"tw-mug\"],"
     "\"options\":[{\"name\":\"glaze\",\"values\":[[\"霧藍\",\"藍\",\"blue\",\"ฟ้า\"],"
     "[\"赭紅\",\"紅\",\"red\",\"แดง\"],[\"茶褐\",\"褐\",\"brown\",\"น้ำตาล\"]]}],"
     "\"variants\":["
     "{\"options\":[\"霧藍\"],\"sku\":\"MUG-BL\",\"prices\":{\"TW\":{\"amount\":380,\"compare_at\":"
     "450},\"TH\":42000},\"stock\":24,\"weight_g\":380},"
     "{\"options\":[\"赭紅\"],\"sku\":\"MUG-RD\",\"prices\":{\"TW\":{\"amount\":380,\"compare_at\":"
     "450},\"TH\":42000},\"stock\":24,\"weight_g\":380},"
     "{\"options\":[\"茶褐\"],\"sku\":\"MUG-BR\",\"prices\":{\"TW\":{\"amount\":380,\"compare_at\":"
     "450},\"TH\":42000},\"stock\":9,\"weight_g\":380}]}"},
    {"prd_demo_tea",
     "{\"title\":{\"zh-TW\":\"阿里山高山烏龍 75g\",\"th\":\"ชาอูหลงภูเขาอาลีซาน 75 กรัม\","
     "\"en\":\"Alishan oolong 75 g\"},"
     "\"body\":{\"zh-TW\":\"春茶，手採，真空包裝。\",\"th\":\"ชาฤดูใบไม้ผลิ เก็บมือ "
     "บรรจุสุญญากาศ\",\"en\":\"Spring harvest, hand picked, vacuum packed.\"},"
     "\"media\":[\"tea\",\"tw-tea\"],\"exempt\":\"fresh\",\"price\":{\"TW\":480,\"TH\":52000},"
     "\"quantity\":40,\"sku\":\"TEA-ALI-75\"}"},
    {"prd_demo_mango",
     "{\"title\":{\"zh-TW\":\"泰國芒果乾 三入\",\"th\":\"มะม่วงอบแห้ง แพ็ก 3 ซอง\","
     "\"en\":\"Dried mango, three packs\"},"
     "\"body\":{\"zh-TW\":\"無加糖，清邁小農。\",\"th\":\"ไม่เติมน้ำตาล จากสวนเชียงใหม่\",\"en\":\"No "
     "added sugar, from Chiang Mai.\"},"
     "\"media\":[\"mango\",\"th-mango\"],\"exempt\":\"fresh\",\"price\":{\"TW\":299,\"TH\":29900},"
     "\"quantity\":60,\"sku\":\"MANGO-3\"}"},
    {"prd_demo_scarf",
     "{\"title\":{\"zh-TW\":\"清邁手織圍巾\",\"th\":\"ผ้าพันคอทอมือเชียงใหม่\","
     "\"en\":\"Hand-woven Chiang Mai scarf\"},"
     "\"body\":{\"zh-TW\":\"純棉，植物染，180 × 60 公分。\",\"th\":\"ฝ้ายแท้ ย้อมสีธรรมชาติ 180 × 60 "
     "ซม.\",\"en\":\"Cotton, plant dyed, 180 × 60 cm.\"},"
     "\"media\":[\"scarf\",\"th-scarf\"],"
     "\"options\":[{\"name\":\"color\",\"values\":[[\"靛藍\",\"藍\",\"indigo\",\"คราม\"],"
     "[\"茜紅\",\"紅\",\"red\",\"แดง\"]]}],"
     "\"variants\":["
     "{\"options\":[\"靛藍\"],\"sku\":\"SCARF-IN\",\"prices\":{\"TW\":850,\"TH\":89000},\"stock\":"
     "15,\"weight_g\":180},"
     "{\"options\":[\"茜紅\"],\"sku\":\"SCARF-RD\",\"prices\":{\"TW\":850,\"TH\":89000},\"stock\":"
     "15,\"weight_g\":180}]}"},
    {"prd_demo_bundle",
     "{\"title\":{\"zh-TW\":\"夜市禮盒（茶＋杯）\",\"th\":\"ชุดของขวัญตลาดกลางคืน (ชา + แก้ว)\","
     "\"en\":\"Night market gift box (tea and mug)\"},"
     "\"media\":[\"tea\",\"mug\"],\"exempt\":\"fresh\","
     "\"price\":{\"TW\":820,\"TH\":88000},\"quantity\":10,\"sku\":\"BOX-1\"}"},
};

struct making {
    struct product_save save;
};

static enum err make_job(struct tx *tx, void *arg)
{
    struct making *m = arg;
    struct stock_turn turn;
    turn_begin(&turn, tx, NULL); /* nobody waits for a unit yet */
    enum err e = product_create(&turn, &m->save);
    return e ? e : turn_end(&turn);
}

static enum err there(struct app *a, const char *id)
{
    struct db *db = NULL;
    struct product p;
    enum err e = store_read(a->store, &db);
    if (!e)
        e = product_by_public_id(db, a->cx.arena, 0, id, &p);
    store_read_end(db);
    return e;
}

static enum err make(struct app *a, int64_t shop_id, int64_t owner, const struct goods *g)
{
    struct making m;
    struct product_spec spec;
    json_t *body = NULL;
    enum err e = json_read_object(&a->cx, g->body, strlen(g->body), &body);
    if (!e)
        e = spec_read(&a->cx, body, NULL, &spec);
    if (!e)
        e = product_make(&a->cx, shop_id, owner, &spec, NULL, &m.save);
    if (!e) {
        (void)text_copy(m.save.public_id, sizeof m.save.public_id, g->id);
        e = store_do(a->store, &a->cx, "demo.goods", make_job, &m);
    }
    json_decref(body);
    return e;
}

enum err demo_goods(struct app *a, int64_t shop_id, int64_t owner)
{
    enum err e = ERR_OK;
    for (size_t i = 0; !e && i < sizeof goods / sizeof *goods; i++) {
        e = there(a, goods[i].id);
        if (e == ERR_NOT_FOUND)
            e = make(a, shop_id, owner, &goods[i]);
    }
    return e;
}
