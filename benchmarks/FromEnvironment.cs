// Numbers from the environment that make a benchmark larger or smaller.
using System.Globalization;

namespace Cygnet.Benchmarks;

static class FromEnvironment
{
    public static int Number(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var set) && set > 0 ? set : otherwise;
}
