"""What each way of ending means to the shell; 1 is left to Python, for a bug of Tagsmith."""

DONE, USER_CAN_FIX, INTERRUPTED = 0, 2, 130
