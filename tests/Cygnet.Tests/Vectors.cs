// Published test vectors that the repository does not contain: where they are, and tests that are skipped, by name, where they are not.
using System.Text.Json;

namespace Cygnet.Tests;

/// <summary>The folder of vectors: CYGNET_VECTORS, else shared/vectors beside the checkout.</summary>
public static class Vectors
{
    /// <summary>Null if there is none.</summary>
    public static string? Folder { get; } = Find();

    public static bool Has(string file) => Folder is not null && File.Exists(Path.Combine(Folder, file));

    /// <summary>Every group and test of a Wycheproof file, named without its <c>_test.json</c>.</summary>
    public static IEnumerable<(JsonElement Group, JsonElement Test)> Wycheproof(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder!, $"wycheproof/{name}_test.json")));
        foreach (var group in document.RootElement.GetProperty("testGroups").EnumerateArray())
        foreach (var test in group.GetProperty("tests").EnumerateArray())
            yield return (group, test);
    }

    public static byte[] Hex(this JsonElement element, string property) => Convert.FromHexString(element.GetProperty(property).GetString()!);

    public static string Text(this JsonElement element, string property) => element.GetProperty(property).GetString()!;

    public static int Number(this JsonElement element, string property) => element.GetProperty(property).GetInt32();

    static string? Find()
    {
        if (Environment.GetEnvironmentVariable("CYGNET_VECTORS") is { Length: > 0 } named) return Directory.Exists(named) ? named : null;
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (!File.Exists(Path.Combine(at.FullName, "Cygnet.slnx"))) continue;
            var beside = Path.Combine(at.FullName, "..", "shared", "vectors");
            return Directory.Exists(beside) ? beside : null;
        }
        return null;
    }
}

/// <summary>A test that needs a file of vectors, named from their folder.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class VectorFactAttribute : FactAttribute
{
    public VectorFactAttribute(string file) => Skip = Vectors.Has(file) ? null! : $"no test vectors {file}";
}

/// <summary>A theory over files of vectors; skipped whole without the folder.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class VectorTheoryAttribute : TheoryAttribute
{
    public VectorTheoryAttribute(string file) => Skip = Vectors.Has(file) ? null! : $"no test vectors {file}";
}
