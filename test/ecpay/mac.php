<?php
/*
 * ECPay's CheckMacValue by its documented steps (developers.ecpay.com.tw 2902), with PHP's own
 * urlencode, strtolower and hashes: what ECPay's servers and its SDK are made of.
 *
 * In:  a JSON line {"key":…,"iv":…,"method":…}, then one JSON object a line: the fields of an
 *      order, each name and value in base64, for they may hold any byte.
 * Out: one CheckMacValue a line.
 */

function check_mac(array $fields, string $key, string $iv, string $method): string
{
    unset($fields['CheckMacValue']);
    uksort($fields, fn ($a, $b) => strcasecmp((string) $a, (string) $b));
    $text = "HashKey=$key";
    foreach ($fields as $name => $value)
        $text .= "&$name=$value";
    $text = strtolower(urlencode("$text&HashIV=$iv"));
    $text = str_replace(['%2d', '%5f', '%2e', '%21', '%2a', '%28', '%29'],
                        ['-', '_', '.', '!', '*', '(', ')'], $text);
    return strtoupper(hash($method, $text));
}

$set = json_decode(fgets(STDIN), true);
while (($line = fgets(STDIN)) !== false) {
    $fields = [];
    foreach (json_decode($line, true) as [$name, $value])
        $fields[base64_decode($name)] = base64_decode($value);
    echo check_mac($fields, $set['key'], $set['iv'], $set['method']), "\n";
}
