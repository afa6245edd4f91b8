/*
 * The browser's library as Omise documents its own, and the card form that it opens: a page of this
 * origin in a frame, so that the shop's page never has a card's number.
 * Source: docs.omise.co/omise-js, docs.omise.co/collect-card-information, mid-2026.
 */
#include "base/text.h"
#include "sandboxd/omise_in.h"
#include "sandboxd/page.h"

#include <string.h>

static const char OMISE_JS[] =
    "'use strict';\n"
    "(() => {\n"
    "  const base = new URL(document.currentScript.src).href.replace(/\\/omise\\.js.*$/, '');\n"
    "  const origin = new URL(base).origin;\n"
    "  let key = '';\n"
    "  let config = {};\n"
    "  let opened = null;\n"
    "\n"
    "  async function call(path, body, done) {\n"
    "    let status = 0;\n"
    "    let answer = { object: 'error', code: 'connection_error', message: 'no answer' };\n"
    "    try {\n"
    "      const res = await fetch(base + path, {\n"
    "        method: 'POST',\n"
    "        headers: { 'Content-Type': 'application/json', Authorization: 'Basic ' + btoa(key + "
    "':') },\n"
    "        body: JSON.stringify(body),\n"
    "      });\n"
    "      status = res.status;\n"
    "      answer = await res.json();\n"
    "    } catch { /* the caller sees status 0 */ }\n"
    "    done(status, answer);\n"
    "  }\n"
    "\n"
    "  window.Omise = {\n"
    "    publicKey: undefined,\n"
    "    setPublicKey(value) { key = value; this.publicKey = value; return value; },\n"
    "    createToken(as, attributes, done) { call('/tokens', { [as]: attributes }, done); },\n"
    "    createSource(type, attributes, done) { call('/sources', { type, ...attributes }, done); "
    "},\n"
    "  };\n"
    "\n"
    "  function close() {\n"
    "    if (!opened) return;\n"
    "    const { frame, ask } = opened;\n"
    "    opened = null;\n"
    "    frame.remove();\n"
    "    ask.onFormClosed?.();\n"
    "  }\n"
    "\n"
    "  function open(more = {}) {\n"
    "    const ask = { ...config, ...more };\n"
    "    if (opened) close();\n"
    "    const query = new URLSearchParams({\n"
    "      key: ask.publicKey ?? key, origin: location.origin,\n"
    "      amount: String(ask.amount ?? 0), currency: String(ask.currency ?? 'THB'),\n"
    "      label: ask.frameLabel ?? '', submit: ask.submitLabel ?? '', lang: ask.locale ?? "
    "document.documentElement.lang,\n"
    "      method: ask.defaultPaymentMethod ?? 'credit_card',\n"
    "    });\n"
    "    const frame = document.createElement('iframe');\n"
    "    frame.id = 'omise-checkout-iframe-app';\n"
    "    frame.title = ask.frameLabel || 'Omise';\n"
    "    frame.src = base + '/card-form?' + query;\n"
    "    for (const [name, value] of Object.entries({\n"
    "      position: 'fixed', inset: '0', width: '100%', height: '100%', border: '0', zIndex: "
    "'2147483647',\n"
    "    })) frame.style[name] = value;\n"
    "    document.body.append(frame);\n"
    "    opened = { frame, ask };\n"
    "  }\n"
    "\n"
    "  function submitWith(form, token) {\n"
    "    for (const [name, value] of [['omiseToken', token], ['omiseSource', '']]) {\n"
    "      const input = form.querySelector(`input[name=${name}]`) ?? "
    "document.createElement('input');\n"
    "      Object.assign(input, { type: 'hidden', name, value });\n"
    "      form.append(input);\n"
    "    }\n"
    "    form.submit();\n"
    "  }\n"
    "\n"
    "  window.addEventListener('message', (event) => {\n"
    "    if (!opened || event.origin !== origin || event.source !== opened.frame.contentWindow) "
    "return;\n"
    "    const { ask } = opened;\n"
    "    const token = event.data?.omiseToken;\n"
    "    if (typeof token === 'string' && /^(tokn|src)(_test)?_[0-9a-z]+$/.test(token)) {\n"
    "      opened.frame.remove();\n"
    "      opened = null;\n"
    "      ask.onCreateTokenSuccess?.(token);\n"
    "      if (ask.form) submitWith(ask.form, token);\n"
    "      ask.onFormClosed?.();\n"
    "    } else if (event.data?.omiseClosed) {\n"
    "      close();\n"
    "    }\n"
    "  });\n"
    "\n"
    "  const buttons = [];\n"
    "  window.OmiseCard = {\n"
    "    configure(more) { config = { ...config, ...more }; if (more.publicKey) "
    "Omise.setPublicKey(more.publicKey); },\n"
    "    configureButton(selector, more = {}) { buttons.push([selector, more]); },\n"
    "    attach() {\n"
    "      for (const [selector, more] of buttons.splice(0))\n"
    "        for (const button of document.querySelectorAll(selector)) {\n"
    "          if (more.buttonLabel ?? config.buttonLabel) button.textContent = more.buttonLabel "
    "?? "
    "config.buttonLabel;\n"
    "          button.addEventListener('click', (event) => {\n"
    "            event.preventDefault();\n"
    "            open({ form: button.closest('form'), ...more });\n"
    "          });\n"
    "        }\n"
    "    },\n"
    "    open,\n"
    "    close,\n"
    "  };\n"
    "})();\n";

static const char CARD_FORM_JS[] =
    "'use strict';\n"
    "const asked = new URLSearchParams(location.search);\n"
    "const origin = asked.get('origin') ?? '';\n"
    "const form = document.querySelector('#card');\n"
    "const field = (id) => document.querySelector('#' + id);\n"
    "const tell = (message) => window.parent.postMessage(message, origin);\n"
    "for (const button of document.querySelectorAll('[data-number]'))\n"
    "  button.addEventListener('click', () => { field('number').value = button.dataset.number; "
    "});\n"
    "field('close').addEventListener('click', () => tell({ omiseClosed: true }));\n"
    "addEventListener('keydown', (event) => { if (event.key === 'Escape') tell({ omiseClosed: true "
    "}); });\n"
    "form.addEventListener('submit', async (event) => {\n"
    "  event.preventDefault();\n"
    "  const note = field('why');\n"
    "  const pay = field('pay');\n"
    "  pay.disabled = true;\n"
    "  note.textContent = '';\n"
    "  try {\n"
    "    const res = await fetch('/omise/tokens', {\n"
    "      method: 'POST',\n"
    "      headers: { 'Content-Type': 'application/json', Authorization: 'Basic ' + "
    "btoa(asked.get('key') + ':') },\n"
    "      body: JSON.stringify({ card: {\n"
    "        name: field('holder').value, number: field('number').value,\n"
    "        expiration_month: Number(field('month').value), expiration_year: "
    "Number(field('year').value),\n"
    "        security_code: field('code').value,\n"
    "      } }),\n"
    "    });\n"
    "    const answer = await res.json();\n"
    "    if (answer.object === 'token') { tell({ omiseToken: answer.id }); return; }\n"
    "    note.textContent = answer.message;\n"
    "  } catch {\n"
    "    note.textContent = note.dataset.lost;\n"
    "  }\n"
    "  pay.disabled = false;\n"
    "});\n"
    "field('number').focus();\n";

static void send_script(struct http_req *req, const char *text)
{
    http_add(req, "X-Content-Type-Options", "nosniff");
    http_add(req, "Cross-Origin-Resource-Policy", "cross-origin");
    http_add(req, "Cache-Control", "no-cache");
    http_send_text(req, 200, "text/javascript; charset=utf-8", text);
}

void serve_omise_js(struct http_req *req)
{
    send_script(req, OMISE_JS);
}

void serve_card_form_js(struct http_req *req)
{
    send_script(req, CARD_FORM_JS);
}

/* ---- the form: its fields have no names, so no browser can post them anywhere ---- */

static void input(struct page *p, const char *id, const char *label, const char *value,
                  const char *autocomplete)
{
    page_html(p, "<label>");
    page_text(p, label);
    page_html(p, " <input id=\"");
    page_text(p, id);
    page_html(p, "\" value=\"");
    page_text(p, value);
    page_html(p, "\" autocomplete=\"");
    page_text(p, autocomplete);
    page_html(p, "\" required></label>\n");
}

static void test_cards(struct page *p)
{
    const struct {
        const char *number, *label;
    } cards[] = {
        {"4242424242424242", page_pick(p, "成功的卡", "บัตรที่สำเร็จ", "A card that pays")},
        {"4111111111140011", page_pick(p, "餘額不足的卡", "บัตรวงเงินไม่พอ", "A card without funds")},
        {"4111111111140003",
         page_pick(p, "3-D 驗證失敗的卡", "บัตรที่ยืนยัน 3-D ไม่ผ่าน", "A card that fails 3-D Secure")},
    };
    for (size_t i = 0; i < sizeof cards / sizeof *cards; i++) {
        page_html(p, "<button type=\"button\" class=\"plain\" data-number=\"");
        page_text(p, cards[i].number);
        page_html(p, "\">");
        page_text(p, cards[i].label);
        page_html(p, "</button>\n");
    }
}

static struct money asked_money(struct http_req *req)
{
    const char *amount = http_query(req, "amount"), *currency = http_query(req, "currency");
    struct money m = {.currency = "THB"};
    if (amount && text_i64(amount, 0, INT64_MAX / 2, &m.amount))
        m.amount = 0;
    if (currency && strcmp(currency, "TWD") == 0)
        memcpy(m.currency, "TWD", sizeof m.currency);
    return m;
}

void serve_card_form(struct http_req *req)
{
    const char *label = http_query(req, "label"), *submit = http_query(req, "submit");
    struct page p = {.lang = page_lang_of(req)};
    page_begin_in(&p, p.lang,
                  label && *label ? label
                                  : page_pick(&p, "信用卡付款", "ชำระด้วยบัตร", "Pay by card"));
    page_rows(&p);
    page_money(&p, page_pick(&p, "金額", "ยอดชำระ", "Amount"), asked_money(req));
    page_rows_end(&p);
    page_html(&p, "<form id=\"card\">\n");
    input(&p, "number", page_pick(&p, "卡號", "หมายเลขบัตร", "Card number"), "4242 4242 4242 4242",
          "cc-number");
    input(&p, "holder", page_pick(&p, "持卡人", "ชื่อบนบัตร", "Name on the card"), "SANDBOX BUYER",
          "cc-name");
    page_html(&p, "<div class=\"pair\">\n");
    input(&p, "month", page_pick(&p, "月", "เดือน", "Month"), "12", "cc-exp-month");
    input(&p, "year", page_pick(&p, "年", "ปี", "Year"), "2030", "cc-exp-year");
    page_html(&p, "</div>\n");
    input(&p, "code", page_pick(&p, "安全碼", "รหัส CVV", "Security code"), "123", "cc-csc");
    page_html(&p, "<p id=\"why\" class=\"bad-note\" role=\"alert\" data-lost=\"");
    page_text(&p, page_pick(&p, "沒有連線，請再試一次", "ไม่มีการเชื่อมต่อ โปรดลองอีกครั้ง",
                            "No connection: please try again"));
    page_html(&p, "\"></p>\n<button class=\"main\" id=\"pay\">");
    page_text(&p, submit && *submit ? submit : page_pick(&p, "付款", "ชำระเงิน", "Pay"));
    page_html(&p, "</button>\n<button type=\"button\" class=\"plain\" id=\"close\">");
    page_text(&p, page_pick(&p, "取消", "ยกเลิก", "Cancel"));
    page_html(&p, "</button>\n");
    test_cards(&p);
    page_html(&p, "</form>\n<script src=\"/omise/card-form.js\" defer></script>\n");
    page_send(&p, req, 200);
}
