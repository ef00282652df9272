// Runs one scene by name, without a test runner.
namespace Cygnet.Interop;

static class Program
{
    static int Main(string[] words)
    {
        Console.Error.WriteLine(words.Length == 0 ? "name a scene" : $"no scene named {words[0]}");
        return 64;
    }
}
