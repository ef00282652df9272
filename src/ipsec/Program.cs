namespace Cygnet.Command;

static class Program
{
    static int Main() => 0;
}
