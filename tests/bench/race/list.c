// SPDX-License-Identifier: Apache-2.0
//
// A thread builds a linked list, sorts it by merging, and reverses and sums it many times.
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct node {
  struct node *next;
  long value;
};

static struct node *merge(struct node *a, struct node *b) {
  struct node head, *tail = &head;
  while (a && b) {
    struct node **less = a->value <= b->value ? &a : &b;
    tail = tail->next = *less;
    *less = (*less)->next;
  }
  tail->next = a ? a : b;
  return head.next;
}

static struct node *sort(struct node *list, size_t n) {
  if (n < 2) return list;
  struct node *middle = list;
  for (size_t i = 1; i < n / 2; i++)
    middle = middle->next;
  struct node *right = middle->next;
  middle->next = NULL;
  return merge(sort(list, n / 2), sort(right, n - n / 2));
}

static struct node *reverse(struct node *list) {
  struct node *done = NULL;
  while (list) {
    struct node *next = list->next;
    list->next = done;
    done = list;
    list = next;
  }
  return done;
}

static long sum(const struct node *list) {
  long s = 0;
  for (; list; list = list->next)
    s = s * 3 + list->value;
  return s;
}

static void *work(void *arg) {
  size_t n = (size_t)arg;
  struct node *list = NULL;
  uint32_t x = 1;
  for (size_t i = 0; i < n; i++) {
    struct node *node = malloc(sizeof *node);
    *node = (struct node){list, (long)((x = x * 1664525u + 1013904223u) >> 8)};
    list = node;
  }
  long total = sum(list);
  for (int i = 0; i < 6400; i++) {
    if (i % 64 == 0) list = sort(list, n);
    total += sum(list = reverse(list));
  }
  return (void *)total;
}

int main(void) {
  pthread_t thread;
  void *total;
  pthread_create(&thread, NULL, work, (void *)4000);
  pthread_join(thread, &total);
  printf("%ld\n", (long)total);
}
