"""Augmentation of images in training: what a discriminator sees, real and generated."""
