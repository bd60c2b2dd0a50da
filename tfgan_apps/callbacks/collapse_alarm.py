"""stub"""
import keras
class CollapseAlarm(keras.callbacks.Callback):
    pass
