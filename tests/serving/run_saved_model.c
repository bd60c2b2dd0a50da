/* Runs a SavedModel through TensorFlow's C API, the loader of TensorFlow Serving: no Python, no Keras.
 *
 *   run_saved_model DIRECTORY FOLDER OUTPUT {files|text|int32|numbers|vectors|sets INPUT COUNT VALUE...}...
 *
 * DIRECTORY is an exported version. INPUT and OUTPUT are names of tensors, such as
 * "serving_default_image_bytes:0", from the signature that `saved_model_cli show --all` prints. Each
 * input is a vector of COUNT values: paths of files whose bytes are fed, text, numbers, vectors of numbers
 * with commas between them, or sets of such files with line feeds between their paths, all of one size. The
 * strings of the output become the files FOLDER/0, FOLDER/1 and so on. FOLDER exists.
 */

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tensorflow/c/c_api.h"
#include "tensorflow/c/tf_tstring.h"

enum { MAX_INPUTS = 16 };

static void fail(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("run_saved_model: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  exit(1);
}

static void check(const TF_Status* status, const char* what) {
  if (TF_GetCode(status) != TF_OK) {
    fail("%s: error %d: %s", what, (int)TF_GetCode(status), TF_Message(status));
  }
}

/* Returns the bytes of a file; the caller frees them. */
static char* read_file(const char* path, size_t* size) {
  FILE* file = fopen(path, "rb");
  if (!file) fail("%s: %s", path, strerror(errno));
  long end = fseek(file, 0, SEEK_END) ? -1 : ftell(file);
  if (end < 0) fail("%s: %s", path, strerror(errno));
  rewind(file);
  char* bytes = malloc((size_t)end + 1); /* one more: malloc(0) may be NULL */
  if (!bytes) fail("%s: %ld bytes are more than the memory holds", path, end);
  *size = fread(bytes, 1, (size_t)end, file);
  if (*size != (size_t)end) fail("%s: could not be read to its end", path);
  fclose(file);
  return bytes;
}

static void write_file(const char* folder, int64_t index, const char* bytes, size_t size) {
  char path[4096];
  int length = snprintf(path, sizeof path, "%s/%lld", folder, (long long)index);
  if (length < 0 || (size_t)length >= sizeof path) fail("%s: the path is too long", folder);
  FILE* file = fopen(path, "wb");
  if (!file) fail("%s: %s", path, strerror(errno));
  size_t written = fwrite(bytes, 1, size, file);
  if (fclose(file) || written != size) fail("%s: could not be written", path);
}

/* Writes a file for each string, or for each example of numbers, as they are in memory. */
static void write_files(const char* folder, const TF_Tensor* result) {
  if (TF_TensorType(result) == TF_STRING) {
    const TF_TString* strings = TF_TensorData(result);
    for (int64_t i = 0; i < TF_TensorElementCount(result); i++) {
      write_file(folder, i, TF_StringGetDataPointer(&strings[i]), TF_StringGetSize(&strings[i]));
    }
    return;
  }
  int64_t count = TF_NumDims(result) ? TF_Dim(result, 0) : 0;
  if (!count) fail("an output with examples was expected");
  size_t size = TF_TensorByteSize(result) / (size_t)count;
  const char* bytes = TF_TensorData(result);
  for (int64_t i = 0; i < count; i++) write_file(folder, i, bytes + (size_t)i * size, size);
}

static int parse_number(const char* text, long lowest, long highest) {
  char* end;
  errno = 0;
  long number = strtol(text, &end, 10);
  if (errno || *end || end == text || number < lowest || number > highest) {
    fail("a number from %ld to %ld was expected. Received: %s", lowest, highest, text);
  }
  return (int)number;
}

/* Finds the tensor "operation:index" of a graph. */
static TF_Output find_tensor(TF_Graph* graph, const char* name) {
  char operation[1024];
  const char* colon = strrchr(name, ':');
  if (!colon || (size_t)(colon - name) >= sizeof operation) {
    fail("a tensor's name, operation:index, was expected. Received: %s", name);
  }
  memcpy(operation, name, (size_t)(colon - name));
  operation[colon - name] = '\0';
  TF_Output tensor = {TF_GraphOperationByName(graph, operation), 0};
  if (!tensor.oper) fail("the graph holds no operation '%s'", operation);
  tensor.index = parse_number(colon + 1, 0, TF_OperationNumOutputs(tensor.oper) - 1);
  return tensor;
}

/* Makes a tensor of COUNT values, or of as many rows of COLUMNS, if that is not 0. */
static TF_Tensor* make_tensor(TF_DataType type, int count, int64_t columns) {
  const int64_t shape[] = {count, columns};
  size_t size = type == TF_STRING ? sizeof(TF_TString) : TF_DataTypeSize(type);
  size *= (size_t)(columns ? count * columns : count);
  TF_Tensor* tensor = TF_AllocateTensor(type, shape, columns ? 2 : 1, size);
  if (!tensor) fail("a tensor of %d rows is more than the memory holds", count);
  return tensor;
}

static void fill_file(TF_TString* string, const char* path) {
  size_t size;
  char* bytes = read_file(path, &size);
  TF_StringInit(string);
  TF_StringCopy(string, bytes, size);
  free(bytes);
}

static TF_Tensor* make_files(int count, char** paths) {
  TF_Tensor* tensor = make_tensor(TF_STRING, count, 0);
  TF_TString* strings = TF_TensorData(tensor);
  for (int i = 0; i < count; i++) fill_file(&strings[i], paths[i]);
  return tensor;
}

static TF_Tensor* make_text(int count, char** values) {
  TF_Tensor* tensor = make_tensor(TF_STRING, count, 0);
  TF_TString* strings = TF_TensorData(tensor);
  for (int i = 0; i < count; i++) {
    TF_StringInit(&strings[i]);
    TF_StringCopy(&strings[i], values[i], strlen(values[i]));
  }
  return tensor;
}

/* Returns how many parts a text has, of which a character stands between each two. */
static int64_t count_parts(const char* text, char between) {
  int64_t parts = 1;
  for (; *text; text++) parts += *text == between;
  return parts;
}

static TF_Tensor* make_sets(int count, char** values) {
  int64_t size = count_parts(count ? values[0] : "", '\n');
  TF_Tensor* tensor = make_tensor(TF_STRING, count, size);
  TF_TString* strings = TF_TensorData(tensor);
  for (int i = 0; i < count; i++) {
    if (count_parts(values[i], '\n') != size) fail("sets of %d files were expected", (int)size);
    char* path = strtok(values[i], "\n");
    for (int64_t j = 0; j < size; j++, path = strtok(NULL, "\n")) {
      fill_file(&strings[i * size + j], path ? path : "");
    }
  }
  return tensor;
}

static TF_Tensor* make_int32(int count, char** values) {
  TF_Tensor* tensor = make_tensor(TF_INT32, count, 0);
  int32_t* numbers = TF_TensorData(tensor);
  for (int i = 0; i < count; i++) numbers[i] = parse_number(values[i], INT32_MIN, INT32_MAX);
  return tensor;
}

/* Reads rows of float32, "1,0.5" in decimal or hexadecimal; or, flat, a number of each row. */
static TF_Tensor* make_floats(int count, char** values, int flat) {
  int64_t size = flat ? 1 : count_parts(count ? values[0] : "", ',');
  TF_Tensor* tensor = make_tensor(TF_FLOAT, count, flat ? 0 : size);
  float* numbers = TF_TensorData(tensor);
  for (int i = 0; i < count; i++) {
    char* rest = values[i];
    for (int64_t j = 0; j < size; j++) {
      char* end;
      numbers[i * size + j] = strtof(rest, &end);
      char wanted = j + 1 < size ? ',' : '\0';
      if (end == rest || *end != wanted) {
        fail("%d numbers with commas between them were expected. Received: %s", (int)size, values[i]);
      }
      rest = end + 1;
    }
  }
  return tensor;
}

static TF_Tensor* make_input(const char* kind, int count, char** values) {
  if (!strcmp(kind, "files")) return make_files(count, values);
  if (!strcmp(kind, "text")) return make_text(count, values);
  if (!strcmp(kind, "int32")) return make_int32(count, values);
  if (!strcmp(kind, "numbers")) return make_floats(count, values, 1);
  if (!strcmp(kind, "vectors")) return make_floats(count, values, 0);
  if (!strcmp(kind, "sets")) return make_sets(count, values);
  fail("files, text, int32, numbers, vectors or sets was expected. Received: %s", kind);
  return NULL;
}

/* Reads {kind tensor count value...}... into inputs and tensors; returns how many there are. */
static int parse_inputs(TF_Graph* graph, char** words, char** end, TF_Output* inputs,
                        TF_Tensor** tensors) {
  int parsed = 0;
  while (words < end) {
    if (end - words < 3) fail("an input is a kind, a tensor, a count and values");
    if (parsed == MAX_INPUTS) fail("at most %d inputs were expected", MAX_INPUTS);
    int count = parse_number(words[2], 0, end - words - 3);
    inputs[parsed] = find_tensor(graph, words[1]);
    tensors[parsed++] = make_input(words[0], count, words + 3);
    words += 3 + count;
  }
  return parsed;
}

static TF_Session* load(const char* directory, TF_Graph* graph, TF_Status* status) {
  const char* tags[] = {"serve"};
  TF_SessionOptions* options = TF_NewSessionOptions();
  TF_Session* session =
      TF_LoadSessionFromSavedModel(options, NULL, directory, tags, 1, graph, NULL, status);
  check(status, directory);
  TF_DeleteSessionOptions(options);
  return session;
}

int main(int argc, char** argv) {
  if (argc < 4) {
    fail("usage: run_saved_model DIRECTORY FOLDER OUTPUT {files|text|int32|numbers|vectors|sets INPUT COUNT VALUE...}...");
  }
  TF_Status* status = TF_NewStatus();
  TF_Graph* graph = TF_NewGraph();
  TF_Session* session = load(argv[1], graph, status);

  TF_Output inputs[MAX_INPUTS];
  TF_Tensor* tensors[MAX_INPUTS];
  TF_Output output = find_tensor(graph, argv[3]);
  int count = parse_inputs(graph, argv + 4, argv + argc, inputs, tensors);

  TF_Tensor* result = NULL;
  TF_SessionRun(session, NULL, inputs, tensors, count, &output, &result, 1, NULL, 0, NULL, status);
  check(status, "run");
  write_files(argv[2], result);

  TF_DeleteTensor(result);
  for (int i = 0; i < count; i++) TF_DeleteTensor(tensors[i]); /* frees the strings, too */
  TF_CloseSession(session, status);
  check(status, "close");
  TF_DeleteSession(session, status);
  check(status, "delete");
  TF_DeleteGraph(graph);
  TF_DeleteStatus(status);
  return 0;
}
