// The name that the program was called by. .NET's own argument 0 is the assembly, so the kernel is asked.
using System.Text;

namespace Cygnet.Command;

static class CalledAs
{
    /// <summary>Argument 0 as the caller gave it.</summary>
    public static string Argument0 { get; } = Read();

    /// <summary>Its last part.</summary>
    public static string Name => Argument0[(Argument0.LastIndexOf('/') + 1)..];

    static string Read()
    {
        try
        {
            var line = File.ReadAllBytes("/proc/self/cmdline").AsSpan();
            var end = line.IndexOf((byte)0);
            return Encoding.UTF8.GetString(end < 0 ? line : line[..end]);
        }
        catch (IOException)
        {
            return "ipsec";
        }
    }
}
