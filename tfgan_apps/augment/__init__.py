"""Augmentation of images in training."""
