// Brings all code of a program that stays into memory, so that its files may be replaced under it: an upgrade of the package leaves the tunnels up.
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Cygnet.Linux;

/// <summary>For charon and the starter.</summary>
public static class WholeProgram
{
    /// <summary>
    /// Loads what the runtime would load when it is first called for, which may be after an upgrade: then it would be of another build. In the
    /// background, as nobody waits for it.
    /// </summary>
    public static void LoadInBackground()
    {
        // A native program is one file, and in memory already.
        if (RuntimeFeature.IsDynamicCodeSupported) new Thread(Load) { Name = "load", IsBackground = true, Priority = ThreadPriority.BelowNormal }.Start();
    }

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "An assembly that was trimmed away is not missed.")]
    static void Load()
    {
        if (Assembly.GetEntryAssembly() is not { } program) return;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Queue<Assembly>([program]);
        while (open.TryDequeue(out var assembly))
            foreach (var name in assembly.GetReferencedAssemblies())
                if (name.Name is { } text && seen.Add(text) && TryLoad(name) is { } loaded) open.Enqueue(loaded);
    }

    static Assembly? TryLoad(AssemblyName name)
    {
        try
        {
            return Assembly.Load(name);
        }
        catch (Exception e) when (e is IOException or BadImageFormatException)
        {
            return null; // nor could it be had later
        }
    }
}
