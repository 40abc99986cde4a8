// SPDX-License-Identifier: Apache-2.0
//
// Data races: ThreadSanitizer's reports as findings.
#ifndef WEIR_DETECT_RACE_H
#define WEIR_DETECT_RACE_H

void weir_race_start(void);
// Makes records of what was reported while another record was open. Called by whoever ends one.
void weir_race_flush(void);
void weir_race_say_seen(void);        // at the end: how often each race was met again
unsigned long weir_race_others(void); // reports of other kinds, passed on as TSan's text

#endif
