"""DataError: everything that is wrong with a data set, in one message."""


class DataError(ValueError):
    """Lists what is wrong with a data set; each problem says where, what, and the cure.

    Args:
        where: str, the folder or name of the data set.
        problems: list of str, one sentence or two each.
    """

    def __init__(self, where, problems):
        self.problems = list(problems)
        count = "1 problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        super().__init__("\n  ".join([f"{count} with the data in {where}:", *self.problems]))
