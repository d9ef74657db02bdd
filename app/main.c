/* The program's first function: hands its words to the command table. */
int main(void)
{
    return 0;
}
