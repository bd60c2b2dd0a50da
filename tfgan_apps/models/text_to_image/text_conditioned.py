"""TextConditioned: the base of systems whose batches may have texts, which XLA does not compile."""

import tensorflow as tf

from tfgan_apps.adversarial_model import AdversarialModel


class TextConditioned(AdversarialModel):
    """An `AdversarialModel` that leaves XLA out of the steps on batches with strings.

    `compile(jit_compile="auto")` therefore takes any batch. With True, texts that a step has to
    embed are refused (see `inputs.embedding_of`), those beside their embeddings are not.
    """

    def compile(self, jit_compile="auto", **kwargs):
        super().compile(jit_compile=jit_compile, **kwargs)
        self.asked_jit_compile = jit_compile

    def get_compile_config(self):
        config = super().get_compile_config()
        return config and {**config, "jit_compile": self.asked_jit_compile}

    def tested(self, name):
        """Returns how many batches this evaluation has measured, a scalar tensor.

        Args:
            name: str, of a mean that `test_step` tracks after it has asked.
        """
        return tf.convert_to_tensor(self.trackers[name].count)

    def make_test_function(self, force=False):
        if self.test_function is None or force:
            self.test_function = self._chosen_by_strings(self._test_function)

    def _test_function(self):
        chosen = self.test_function
        super().make_test_function(force=True)
        made, self.test_function = self.test_function, chosen
        return made

    def _train_function(self):
        return self._chosen_by_strings(super()._train_function)

    def _chosen_by_strings(self, make):
        """Returns what `fit` and `evaluate` call; what `make` returns is of one kind of batch."""
        functions = {}

        def function(iterator):
            specs = tf.nest.flatten(iterator.element_spec, expand_composites=True)
            strings = any(spec.dtype == tf.string for spec in specs)
            if strings not in functions:
                compiled = self.jit_compile
                self.jit_compile = compiled and not strings
                functions[strings] = make()
                self.jit_compile = compiled
            return functions[strings](iterator)

        return function
