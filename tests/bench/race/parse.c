// SPDX-License-Identifier: Apache-2.0
//
// A recursive parser of a JSON-like language. A thread writes a text, and parses it
// into a tree many times; the tree's memory is taken from one block.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { NUMBER, STRING, ARRAY, OBJECT };

struct value {
  struct value *next, *first;
  const char *name, *text;
  size_t name_length, length;
  double number;
  enum kind kind;
};
struct parser {
  const char *at;
  struct value *pool;
  size_t used;
};

static struct value *parse(struct parser *p);

static void skip(struct parser *p) {
  while (*p->at == ' ' || *p->at == '\n')
    p->at++;
}

static size_t string(struct parser *p, const char **text) {
  const char *start = ++p->at;
  while (*p->at != '"')
    p->at += *p->at == '\\' ? 2 : 1;
  *text = start;
  return (size_t)(p->at++ - start);
}

static double number(struct parser *p) {
  double n = 0, scale = 1;
  while (*p->at >= '0' && *p->at <= '9')
    n = n * 10 + (*p->at++ - '0');
  if (*p->at == '.')
    while (*++p->at >= '0' && *p->at <= '9')
      n += (*p->at - '0') * (scale /= 10);
  return n;
}

static void members(struct parser *p, struct value *parent, char end) {
  struct value **link = &parent->first;
  p->at++;
  for (skip(p); *p->at != end; skip(p)) {
    const char *name = NULL;
    size_t length = 0;
    if (end == '}') {
      length = string(p, &name);
      skip(p);
      p->at++;
    }
    struct value *v = parse(p);
    v->name = name;
    v->name_length = length;
    *link = v;
    link = &v->next;
    skip(p);
    if (*p->at == ',') p->at++;
  }
  p->at++;
}

static struct value *parse(struct parser *p) {
  struct value *v = &p->pool[p->used++];
  *v = (struct value){.kind = NUMBER};
  skip(p);
  switch (*p->at) {
  case '[':
    v->kind = ARRAY;
    members(p, v, ']');
    break;
  case '{':
    v->kind = OBJECT;
    members(p, v, '}');
    break;
  case '"':
    v->kind = STRING;
    v->length = string(p, &v->text);
    break;
  default:
    v->number = number(p);
  }
  return v;
}

static double total(const struct value *v) {
  double sum = v->number + (double)v->length + (double)v->name_length;
  for (const struct value *child = v->first; child; child = child->next)
    sum += total(child);
  return sum;
}

static void *work(void *arg) {
  const int records = (int)(size_t)arg;
  char *text = malloc((size_t)records * 128), *end = text;
  *end++ = '[';
  for (int i = 0; i < records; i++)
    end +=
        sprintf(end, "{\"id\": %d, \"name\": \"record \\\"%d\\\"\", \"values\": [%d.5, %d, 7]},\n",
                i, i * 7, i % 100, i % 13);
  strcpy(end, "]");
  struct value *pool = malloc(sizeof *pool * (size_t)records * 8);
  double sum = 0;
  for (int round = 0; round < 150; round++)
    sum += total(parse(&(struct parser){text, pool, 0}));
  free(pool);
  free(text);
  double *result = malloc(sizeof *result);
  *result = sum;
  return result;
}

int main(void) {
  pthread_t thread;
  void *sum;
  pthread_create(&thread, NULL, work, (void *)8000);
  pthread_join(thread, &sum);
  printf("%.1f\n", *(double *)sum);
  free(sum);
}
