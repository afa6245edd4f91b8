/* Sorted word lists, and the words of the grammar: what people type in Taiwan and in Thailand. */
#include "room/grammar_in.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* ---- lexicon ---- */

static int compare_text(const struct lexicon_word *a, const struct lexicon_word *b)
{
    size_t n = a->len < b->len ? a->len : b->len;
    for (size_t i = 0; i < n; i++)
        if (a->text[i] != b->text[i])
            return a->text[i] < b->text[i] ? -1 : 1;
    return (a->len > b->len) - (a->len < b->len);
}

static int compare(const void *x, const void *y)
{
    const struct lexicon_word *a = x, *b = y;
    int c = compare_text(a, b);
    if (c == 0)
        c = (a->a > b->a) - (a->a < b->a);
    return c ? c : (a->b > b->b) - (a->b < b->b);
}

void lexicon_seal(struct lexicon *l)
{
    size_t kept = 0;
    if (l->count)
        qsort(l->words, l->count, sizeof *l->words, compare);
    for (size_t i = 0; i < l->count; i++) {
        if (kept && compare_text(&l->words[kept - 1], &l->words[i]) == 0)
            continue;
        l->words[kept++] = l->words[i];
        uint32_t low = l->words[i].text[0] & 0xff;
        l->first[low / 64] |= UINT64_C(1) << (low % 64);
    }
    l->count = kept;
}

static bool ends_here(const uint32_t *s, size_t len, size_t n)
{
    if (len == n)
        return true;
    uint32_t last = s[len - 1], next = s[len];
    return !(grammar_is_digit(last) && grammar_is_digit(next)) &&
           !(grammar_is_latin(last) && grammar_is_latin(next));
}

/* The words lo..hi have i characters in common with the text: of them, those with one more. */
static void narrow(const struct lexicon *l, size_t i, uint32_t c, size_t *lo, size_t *hi)
{
    size_t from = *lo, to = *hi;
    while (from < to) { /* the first whose next character is not below c */
        size_t mid = from + (to - from) / 2;
        const struct lexicon_word *w = &l->words[mid];
        if (w->len <= i || w->text[i] < c)
            from = mid + 1;
        else
            to = mid;
    }
    *lo = from;
    to = *hi;
    while (from < to) { /* the first whose next character is above c */
        size_t mid = from + (to - from) / 2;
        if (l->words[mid].text[i] <= c)
            from = mid + 1;
        else
            to = mid;
    }
    *hi = from;
}

const struct lexicon_word *lexicon_find(const struct lexicon *l, const uint32_t *s, size_t n)
{
    const struct lexicon_word *best = NULL;
    size_t lo = 0, hi = l->count;
    uint32_t low = n ? s[0] & 0xff : 0;
    if (!n || !(l->first[low / 64] >> (low % 64) & 1))
        return NULL;
    for (size_t i = 0; i < n && lo < hi; i++) {
        narrow(l, i, s[i], &lo, &hi);
        if (lo < hi && l->words[lo].len == i + 1 && ends_here(s, i + 1, n))
            best = &l->words[lo];
    }
    return best;
}

/* ---- the words ---- */

/* Longer words that hold a shorter one and mean something else are here too: the longest wins. */
static const struct {
    enum grammar_word what;
    const char *words; /* between spaces; '_' is a space in a word */
} table[] = {
    {WORD_VERB,
     "我要 留 我想要 想要 需要 只要 要買 要买 想買 想买 我買 我买 買 买 下單 下单 訂購 订购 "
     "預訂 登記 登记 喊單 我收 เอา รับ จอง ซื้อ สั่ง สั่งซื้อ ขอ ขอสั่ง ขอจอง ขอเอา buy order"},
    {WORD_SOFT, "要 訂 订"},
    {WORD_CANCEL, "cc ยกเลิก 取消 不要了 棄單 弃单 ไม่เอาแล้ว cancel"},
    {WORD_NOT,
     "不要 不用 不買 不买 沒有要 没有要 先不要 ไม่เอา ไม่รับ ไม่จอง ไม่ซื้อ ไม่สั่ง ไม่ต้อง "
     "อย่า 買了 买了 買過 收到 收到了 下單了 已經 已经 ได้รับ ได้แล้ว ได้รับแล้ว รับแล้ว จองแล้ว โอนแล้ว "
     "จ่ายแล้ว หมดแล้ว not"},
    {WORD_QUESTION,
     "? 嗎 吗 多少 有沒有 有没有 怎麼 怎么 要不要 好不好 是不是 能不能 可不可以 請問 请问 幾 几 "
     "什麼 什么 哪 呢 為什麼 誰 谁 何時 多久 多大 還有沒 ราคา เท่าไ ไหม มั้ย ไม๊ มั๊ย หรือเปล่า หรือป่าว "
     "รึเปล่า รึป่าว ยังไง อะไร กี่ หรือยัง รึยัง ไหน เมื่อไ ทำไม how_much how_many price"},
    {WORD_PLUS, "加 บวก"},
    {WORD_UNIT, "件 個 个 組 组 套 雙 双 盒 條 条 支 瓶 入 份 對 对 隻 只 張 张 本 顆 颗 箱 袋 罐 "
                "pcs pc piece "
                "pieces set sets ชิ้น ตัว อัน คู่ ชุด กล่อง แพ็ค แพค ใบ ผืน เส้น ขวด ถุง ซอง"},
    {WORD_ALL,
     "包色 全包 全色 全部 全款 全套色 每色 每款 ทุกสี ทุกแบบ ทุกไซส์ ครบสี ครบทุกสี ยกเซ็ต ยกเซต all"},
    {WORD_EACH, "各 各來 各要 อย่างละ สีละ แบบละ ไซส์ละ each"},
    {WORD_FILL,
     "ค่ะ คะ ครับ คับ จ้า จ้ะ นะ น้า ค่า ค้า ค๊ะ คร่ะ ค๊า ฮะ ฮับ จ๊ะ จ๋า จร้า คร้าบ ค้าบ ครัช ครับผม ค่ะพี่ เด้อ เลย ด้วย "
     "หน่อย นะคะ นะครับ นะค่ะ พี่ แม่ค้า พ่อค้า แอดมิน น้อง เจ๊ ขอบคุณ ขอบคุณค่ะ ขอบคุณครับ สี ไซส์ ไซซ์ ไซ แบบ รุ่น รหัส "
     "ๆ "
     "เบอร์ เพิ่ม อีก และ กับ ได้ ให้ "
     "的 色 款 號 号 番 碼 码 號碼 尺寸 顏色 颜色 編號 编号 商品 第 喔 哦 噢 唷 耶 啦 呀 啊 囉 咯 "
     "哈 嘿 哈哈 呵呵 嘻嘻 "
     "謝謝 谢谢 謝 感謝 感恩 麻煩 麻烦 請 请 幫我 帮我 給我 给我 幫 給 老闆 老闆娘 老板 老板娘 "
     "主播 姐 姐姐 哥 小編 "
     "我 我也 也 來 来 先 再 和 跟 與 与 還有 还有 另外 一下 下 愛你 辛苦了 拜託 單 "
     "size color code no please pls thanks thx thank_you and me sis"},
};

static const struct {
    const char *word;
    int16_t value;
} numbers[] = {
    {"一", 1},     {"二", 2},    {"兩", 2},    {"两", 2},    {"三", 3},    {"四", 4},
    {"五", 5},     {"六", 6},    {"七", 7},    {"八", 8},    {"九", 9},    {"十", 10},
    {"十一", 11},  {"十二", 12}, {"十三", 13}, {"十四", 14}, {"十五", 15}, {"十六", 16},
    {"十七", 17},  {"十八", 18}, {"十九", 19}, {"二十", 20}, {"三十", 30}, {"五十", 50},
    {"一百", 100}, {"หนึ่ง", 1},   {"สอง", 2},   {"สาม", 3},   {"สี่", 4},     {"ห้า", 5},
    {"หก", 6},     {"เจ็ด", 7},   {"แปด", 8},   {"เก้า", 9},   {"สิบ", 10},
};

enum { WORDS_TOTAL_MAX = 512, CHARS_TOTAL_MAX = 4096, WORD_MAX = 64 };

static struct lexicon_word all_words[WORDS_TOTAL_MAX];
static uint32_t all_chars[CHARS_TOTAL_MAX];
static struct lexicon all = {.words = all_words};

static void add(const char *word, size_t bytes, enum grammar_word what, int value)
{
    static size_t used;
    char text[WORD_MAX];
    uint32_t folded[WORD_MAX];
    size_t n = 0;
    if (bytes >= WORD_MAX || all.count == WORDS_TOTAL_MAX)
        abort(); /* the table above has outgrown its room */
    memcpy(text, word, bytes);
    text[bytes] = '\0';
    for (char *gap = strchr(text, '_'); gap; gap = strchr(gap, '_'))
        *gap = ' ';
    if (grammar_fold(text, folded, WORD_MAX, &n) || !n || used + n > CHARS_TOTAL_MAX)
        abort();
    memcpy(all_chars + used, folded, n * sizeof folded[0]);
    all_words[all.count++] =
        (struct lexicon_word){all_chars + used, (uint16_t)n, (int16_t)what, (int16_t)value};
    used += n;
}

static void make_words(void)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        for (const char *w = table[i].words; *w;) {
            size_t bytes = strcspn(w, " ");
            if (bytes)
                add(w, bytes, table[i].what, 0);
            w += bytes + (w[bytes] == ' ');
        }
    }
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        add(numbers[i].word, strlen(numbers[i].word), WORD_NUMBER, numbers[i].value);
    add("包", strlen("包"), WORD_ALL, 1);
    lexicon_seal(&all);
}

const struct lexicon *grammar_words(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, make_words);
    return &all;
}
