"""The deliver stage: alerts in, messages out."""
