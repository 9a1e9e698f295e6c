"""An archive of any size, scored film by film into one Parquet table (``python -m core screen``)."""
