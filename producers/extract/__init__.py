"""Article text and rights statements out of web pages, in processes that are recycled."""
