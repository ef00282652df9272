// Runs one scene by name, without a test runner: `Interop kernel-esp` is what the User-Mode Linux guest is given.
using Cygnet.Interop.Scenes;
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop;

static class Program
{
    static int Main(string[] words)
    {
        if (words is not ["kernel-esp"])
        {
            Console.Error.WriteLine("usage: Interop kernel-esp");
            return 64;
        }
        try
        {
            KernelScenes.PlayInside();
            return 0;
        }
        catch (BedFailure e)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }
    }
}
