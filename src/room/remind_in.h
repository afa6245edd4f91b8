/* remind_in - links that stop a reminder, made where the mail is put. */
#pragma once
#include "room/remind.h"

/* "<show>.<viewer>.<mac>": public ids, and what only we can make of them. */
void remind_token(const unsigned char key[SECRET_KEY_LEN], const char *show, const char *viewer,
                  char out[REMIND_TOKEN]);
