namespace Cygnet.Charon;

static class Program
{
    static int Main() => 0;
}
