// One thing to fuzz: what goes in, what it is made of, and how it is run.
namespace Cygnet.Fuzz;

/// <summary>
/// <paramref name="Run"/> throws if the input shows a fault; else it returns in a few words what became of the input.
/// An input with a new outcome is kept and mutated further.
/// </summary>
sealed record Target(string Name, IReadOnlyList<byte[]> Corpus, IReadOnlyList<byte[]> Dictionary, Func<byte[], string> Run);
