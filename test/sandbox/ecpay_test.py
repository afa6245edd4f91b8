"""ECPay's side of sandboxd: every page and call of payments, signed and checked by ECPay's documented steps."""
import itertools
import json
import os
import sys
import time
import unittest
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ecpay_peer import PAY, Sandbox, Shop, checked, mac, read_form, signed

NUMBERS = itertools.count(1)


def order(shop, **more):
    """What a shop's page posts; None leaves a field out."""
    no = f"T{os.getpid()}x{next(NUMBERS)}"
    fields = {"MerchantTradeNo": no, "MerchantTradeDate": "2026/11/23 10:00:00", "PaymentType": "aio",
              "TotalAmount": 590, "TradeDesc": "Nightmarket", "ItemName": "帆布 Tom's \"bag\" ~ x 1#運費",
              "ReturnURL": shop.url + "/paid", "ChoosePayment": "Credit", "EncryptType": 1, **more}
    return {k: str(v) for k, v in fields.items() if v is not None}


def checkout(box, fields):
    return box.post("/ecpay/Cashier/AioCheckOut/V5", signed(PAY, fields))


def trade(box, fields):
    return next(t for t in box.state()["trades"] if t["ref"] == fields["MerchantTradeNo"])


def query(box, fields, path="/Cashier/QueryTradeInfo/V5", **more):
    return checked(PAY, box.call(PAY, path, MerchantTradeNo=fields["MerchantTradeNo"],
                                 TimeStamp=int(time.time()), **more))


def act(box, fields, action, amount):
    """DoAction; was it done?"""
    t = trade(box, fields)
    return read_form(box.call(PAY, "/CreditDetail/DoAction", MerchantTradeNo=t["ref"], TradeNo=t["number"],
                              Action=action, TotalAmount=amount))["RtnCode"] == "1"


def detail(box, fields):
    t = trade(box, fields)
    return json.loads(box.call(PAY, "/CreditDetail/QueryTrade/V2", CreditRefundId=t["gwsr"], CreditAmount=t["amount"],
                               CreditCheckCode="1"))


def paid_by_card(box, shop, **more):
    fields = order(shop, **more)
    checkout(box, fields).click("do", "pay").click("do", "sms")
    return fields


class Payments(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.box = Sandbox()

    @classmethod
    def tearDownClass(cls):
        cls.box.close()

    def setUp(self):
        self.shop = Shop()
        self.addCleanup(self.shop.close)

    def test_a_card_is_paid_after_the_banks_code(self):
        box, shop = self.box, self.shop
        fields = order(shop, OrderResultURL=shop.url + "/back", NeedExtraPaidInfo="Y", CustomField1="甲&乙",
                       ClientBackURL=shop.url + "/order?x=1&y=2", Language="ENG")
        page = checkout(box, fields)
        assert page.status == 200 and "NT$590" in page.text and "SANDBOX" in page.text
        assert "&quot;bag&quot;" in page.text and fields["ClientBackURL"] in page.links
        assert "4311-9522-2222-2222" in page.text and page.forms[0]["fields"] == {}  # no field for a card
        page = page.click("do", "pay")
        assert "1234" in page.text and trade(box, fields)["state"] == "open"
        page = page.click("do", "sms")
        back = page.to_shop(fields["OrderResultURL"])
        assert back["auto"]
        [notice] = shop.notices("/paid")
        got = checked(PAY, notice)
        assert got == checked(PAY, urllib.parse.urlencode(back["fields"]))
        wanted = {"MerchantTradeNo": fields["MerchantTradeNo"], "RtnCode": "1", "TradeAmt": "590", "SimulatePaid": "0",
                  "PaymentType": "Credit_CreditCard", "CustomField1": "甲&乙", "card4no": "2222", "stage": "0"}
        assert wanted.items() <= got.items() and len(got["gwsr"]) == 8 and len(got["TradeNo"]) == 16, got
        assert query(box, fields)["TradeStatus"] == "1"
        again = box.get(trade(box, fields)["page"])  # opened once more it sends nobody anywhere by itself
        assert not again.to_shop(fields["OrderResultURL"])["auto"]
        assert "10300028" in checkout(box, fields).text  # the number is used for ever

    def test_what_fails_says_so_everywhere(self):
        box, shop = self.box, self.shop
        fields = order(shop, OrderResultURL=shop.url + "/back")
        page = checkout(box, fields).click("do", "fail")
        assert page.to_shop(fields["OrderResultURL"])["fields"]["RtnCode"] == "10200058"
        assert checked(PAY, shop.notices("/paid")[0])["RtnCode"] == "10200058"
        assert query(box, fields)["TradeStatus"] == "10200095"
        fields = order(shop, ReturnURL=shop.url + "/three")
        checkout(box, fields).click("do", "pay").click("do", "sms", sms="9999")
        assert checked(PAY, shop.notices("/three")[0])["RtnCode"] == "10200043"

    def test_the_tab_may_be_closed(self):
        box, shop = self.box, self.shop
        fields = order(shop, OrderResultURL=shop.url + "/back")
        page = checkout(box, fields).click("do", "pay").click("do", "sms_stay")
        assert not page.to_shop(fields["OrderResultURL"])["auto"]
        assert checked(PAY, shop.notices("/paid")[0])["RtnCode"] == "1"
        assert "付款成功" in page.text

    def test_every_method_can_be_chosen(self):
        box, shop = self.box, self.shop
        fields = order(shop, ChoosePayment="ALL", IgnorePayment="ApplePay", TotalAmount=20001)
        page = checkout(box, fields)
        offered = [value for _, value in page.forms[0]["buttons"]]
        assert offered == ["Credit", "ATM", "WebATM", "TWQR"], offered  # no code for as much
        page = page.click("method", "Credit")
        assert any("choose=1" in link for link in page.links)
        page = box.get(next(link for link in page.links if "choose=1" in link))
        page = page.click("method", "TWQR").click("do", "now")
        assert checked(PAY, shop.notices("/paid")[0])["PaymentType"] == "TWQR_OPAY"
        for method, kind in (("WebATM", "WebATM_CHINATRUST"), ("ApplePay", "ApplePay")):
            fields = order(shop, ChoosePayment=method, ReturnURL=f"{shop.url}/{method}")
            checkout(box, fields).click("do", "now")
            assert checked(PAY, shop.notices("/" + method)[0])["PaymentType"] == kind

    def test_instalments_are_told(self):
        box, shop = self.box, self.shop
        fields = order(shop, CreditInstallment="3,6,30N", TotalAmount=1000, NeedExtraPaidInfo="Y")
        checkout(box, fields).click("do", "pay", terms="6").click("do", "sms")
        got = checked(PAY, shop.notices("/paid")[0])
        assert (got["stage"], got["stast"], got["staed"]) == ("6", "170", "166"), got

    def test_codes_are_issued_and_paid_late(self):
        box, shop = self.box, self.shop
        cases = (("ATM", "BOT", {"ExpireDate": 1}, "2", "ATM_BOT", "vAccount"),
                 ("CVS", "IBON", {"StoreExpireDate": 60}, "10100073", "CVS_IBON", "PaymentNo"),
                 ("BARCODE", "BARCODE", {"StoreExpireDate": 1}, "10100073", "BARCODE_BARCODE", "Barcode2"))
        for method, where, more, code, kind, name in cases:
            fields = order(shop, ChoosePayment=method, PaymentInfoURL=f"{shop.url}/info{method}",
                           ClientRedirectURL=f"{shop.url}/code{method}", ReturnURL=f"{shop.url}/late{method}", **more)
            page = checkout(box, fields).click("where", where)
            told = checked(PAY, shop.notices(f"/info{method}")[0])
            sent = page.to_shop(fields["ClientRedirectURL"])
            assert sent["auto"] and checked(PAY, urllib.parse.urlencode(sent["fields"])) == told
            assert (told["RtnCode"], told["PaymentType"]) == (code, kind) and told[name], told
            assert query(box, fields, "/Cashier/QueryPaymentInfo")[name] == told[name]
            assert query(box, fields)["TradeStatus"] == "0"
            box.control("/ecpay", ahead_s=10 * 86400)  # its clock says it ran out long ago
            page = box.get("/ecpay/counter?code=" + told[name])
            assert "NT$590" in page.text and "late payment" in page.text
            page.click("do", "pay")
            paid = checked(PAY, shop.notices(f"/late{method}")[0])
            assert (paid["RtnCode"], paid["SimulatePaid"]) == ("1", "0")
            box.control("/ecpay", ahead_s=0)
            assert query(box, fields)["TradeStatus"] == "1"
            assert query(box, fields, "/Cashier/QueryPaymentInfo")["RtnCode"] != "2"

    def test_what_is_simulated_is_no_money(self):
        box, shop = self.box, self.shop
        fields = order(shop, ChoosePayment="CVS")
        page = checkout(box, fields).click("where", "CVS")
        assert box.get(page.links[0]).click("do", "simulate").status == 200
        got = checked(PAY, shop.notices("/paid")[0])
        assert (got["RtnCode"], got["SimulatePaid"]) == ("1", "1")
        assert query(box, fields)["TradeStatus"] == "0" and trade(box, fields)["simulated"] == 1
        box.control("/pay", ref=fields["MerchantTradeNo"], **{"as": "paid"})
        assert checked(PAY, shop.notices("/paid", 2)[1])["SimulatePaid"] == "0"

    def test_by_hand_without_a_page(self):
        box, shop = self.box, self.shop
        fields = order(shop, ChoosePayment="ATM", PaymentInfoURL=shop.url + "/info")
        checkout(box, fields)
        box.control("/pay", ref=fields["MerchantTradeNo"])
        assert shop.notices("/info") and checked(PAY, shop.notices("/paid")[0])["RtnCode"] == "1"
        status, _, _ = box.ask("POST", "/control/pay", json.dumps({"ref": fields["MerchantTradeNo"]}), "application/json")
        assert status == 409

    def test_an_answer_that_is_not_1_ok_is_asked_again(self):
        box, shop = self.box, self.shop
        shop.answers[:] = ["1|OK\n", "0|CheckMacValue Error"]
        fields = order(shop)
        checkout(box, fields).click("do", "pay").click("do", "sms")
        assert len(set(shop.notices("/paid", 3))) == 1  # the same thing three times
        told = [d for d in json.loads(box.ask("GET", "/control/state?ref=" + fields["MerchantTradeNo"])[1])["deliveries"]]
        assert [(d["what"], d["on"]) for d in told] == [("ReturnURL", "ecpay.payment")]
        box.control("/ecpay/notify", ref=fields["MerchantTradeNo"], times=2)
        assert len(shop.notices("/paid", 5)) == 5

    def test_notices_can_be_spoiled(self):
        box, shop = self.box, self.shop
        for tamper, amount, right in (("amount", "591", True), ("signature", "590", False), ("currency", "590", True)):
            box.control("/faults", on="ecpay.payment", tamper=tamper, count=1)
            fields = order(shop, ReturnURL=f"{shop.url}/{tamper}")
            checkout(box, fields).click("do", "pay").click("do", "sms")
            got = read_form(shop.notices("/" + tamper)[0])
            assert got["TradeAmt"] == amount and (got["CheckMacValue"] == mac(PAY, got)) == right, (tamper, got)
        box.control("/faults", on="ecpay.payment", repeat=3, count=1)
        checkout(box, order(shop)).click("do", "pay").click("do", "sms")
        assert len(shop.notices("/paid", 3)) == 3

    def test_orders_against_the_rules_are_refused(self):
        box, shop = self.box, self.shop
        bad = {"TotalAmount": ("0", "12.5", "-1", ""), "MerchantTradeNo": ("a-b", "x" * 21, ""),
               "MerchantTradeDate": ("2026-11-23 10:00:00", "2026/02/30 10:00:00"), "PaymentType": ("aioo",),
               "TradeDesc": ("", "x" * 201, "<b>x</b>"), "ItemName": ("", "x" * 401, "<script>x", "100%26 more"),
               "ReturnURL": ("", "ftp://x/", "http://x y/", "http://a@b/", "http://x/;y", "http://x/" + "y" * 192),
               "EncryptType": ("0",), "Language": ("DEU",), "NeedExtraPaidInfo": ("X",), "OrderResultURL": (shop.url + "/paid",),
               "CustomField1": ("x" * 51,), "CreditInstallment": ("5", "3,7"), "ExpireDate": ("61", "0"), "PeriodAmount": ("590",)}
        for name, values in bad.items():
            for value in values:
                page = checkout(box, order(shop, **{name: value}))
                assert "10100001" in page.text and not page.forms, (name, value)
        assert "10400011" in checkout(box, order(shop, ItemName="a python book")).text
        assert "10300023" in checkout(box, order(shop, ChoosePayment="CVS", TotalAmount=32)).text
        assert "10300023" in checkout(box, order(shop, ChoosePayment="BNPL")).text
        form = signed(PAY, order(shop))
        assert "10200073" in box.post("/ecpay/Cashier/AioCheckOut/V5", {**form, "TotalAmount": "1"}).text
        assert "10200141" in box.post("/ecpay/Cashier/AioCheckOut/V5", {**form, "MerchantID": "1"}).text
        assert box.ask("POST", "/ecpay/Cashier/AioCheckOut/V5", "{}", "application/json")[0] == 415
        assert box.ask("POST", "/ecpay/Cashier/AioCheckOut/V5", "a=1&a=2")[0] == 400
        assert box.get("/ecpay/pay/1-2").status == 404 and not shop.got

    def test_queries_have_their_window_and_their_limit(self):
        box, shop = self.box, self.shop
        fields = order(shop)
        checkout(box, fields)
        for stamp in (int(time.time()) - 200, int(time.time()) + 200, ""):
            got = checked(PAY, box.call(PAY, "/Cashier/QueryTradeInfo/V5", MerchantTradeNo=fields["MerchantTradeNo"], TimeStamp=stamp))
            assert got["TradeStatus"] == "10200009"
        form = {**signed(PAY, {"MerchantTradeNo": "x", "TimeStamp": int(time.time())}), "MerchantTradeNo": "y"}
        assert checked(PAY, box.post("/ecpay/Cashier/QueryTradeInfo/V5", form).text)["TradeStatus"] == "10200073"
        assert query(box, {"MerchantTradeNo": "nobody"})["TradeStatus"] == "10200047"
        box.control("/ecpay", query_per_s=1, lock_s=600)
        answers = [box.post("/ecpay/Cashier/QueryTradeInfo/V5", form).status for _ in range(30)]
        assert answers[0] == 200 and answers[-1] == 403
        assert box.post("/ecpay/CreditDetail/DoAction", form).status == 403 and checkout(box, order(shop)).forms
        box.control("/ecpay", query_per_s=0)
        assert query(box, fields)["TradeStatus"] == "0"

    def test_refunds_follow_the_cards_state(self):
        box, shop = self.box, self.shop
        fields = paid_by_card(box, shop)
        assert detail(box, fields)["RtnValue"]["status"] == "已授權"
        assert not act(box, fields, "R", 590) and not act(box, fields, "E", 590)
        assert act(box, fields, "C", 590) and detail(box, fields)["RtnValue"]["status"] == "要關帳"
        assert not act(box, fields, "R", 590)  # a full refund before the capture is E, then N
        assert act(box, fields, "R", 90) and not act(box, fields, "E", 590)
        assert not act(box, fields, "R", 501) and detail(box, fields)["RtnValue"]["clsamt"] == "500"
        box.control("/ecpay/credit", ref=fields["MerchantTradeNo"], state="captured")
        assert act(box, fields, "R", 500) and not act(box, fields, "R", 1)
        assert [c["amount"] for c in detail(box, fields)["RtnValue"]["close_data"]] == ["590", "-90", "-500"]

        fields = paid_by_card(box, shop)
        box.control("/ecpay/credit", ref=fields["MerchantTradeNo"], state="to_capture")
        assert act(box, fields, "E", 590) and act(box, fields, "N", 590) and not act(box, fields, "C", 590)

        fields = paid_by_card(box, shop, CreditInstallment="3")
        box.control("/ecpay/credit", ref=fields["MerchantTradeNo"], state="captured")
        assert not act(box, fields, "R", 100) and act(box, fields, "R", 590)

        fields = paid_by_card(box, shop)
        box.control("/ecpay", ahead_s=2 * 86400)  # two evenings later it was captured by itself
        assert detail(box, fields)["RtnValue"]["status"] == "已關帳"
        box.control("/ecpay", ahead_s=0)

    def test_refunds_can_go_wrong(self):
        box, shop = self.box, self.shop
        fields = paid_by_card(box, shop)
        box.control("/ecpay/credit", ref=fields["MerchantTradeNo"], state="captured")
        for switch in ("closed", "balance_short"):
            box.control("/ecpay", **{switch: True})
            assert not act(box, fields, "R", 10)
            box.control("/ecpay", **{switch: False})
        box.control("/ecpay", pipe_answers=True)
        t = trade(box, fields)
        assert box.call(PAY, "/CreditDetail/DoAction", MerchantTradeNo=t["ref"], TradeNo=t["number"], Action="R",
                        TotalAmount=10) == "1|OK"
        assert box.call(PAY, "/CreditDetail/DoAction", MerchantTradeNo=t["ref"], TradeNo="1", Action="R",
                        TotalAmount=10).startswith("0|")
        box.control("/ecpay", pipe_answers=False)
        for fault, refunded in (("lose_answer", 20), ("down", 20)):  # the first is done and not said
            box.control("/faults", on="ecpay.api", count=1, **{fault: True})
            try:
                act(box, fields, "R", 10)
                assert False, "an answer came"
            except OSError:
                pass
            assert trade(box, fields)["refunded"] == refunded
        atm = order(shop, ChoosePayment="ATM")
        checkout(box, atm)
        box.control("/pay", ref=atm["MerchantTradeNo"])
        assert not act(box, atm, "R", 590)


if __name__ == "__main__":
    unittest.main()
