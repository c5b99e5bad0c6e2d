"""What each way of ending means to the shell; 1 is left to Python, for a fault of ours."""

DONE, USER_CAN_FIX, INTERRUPTED = 0, 2, 130
