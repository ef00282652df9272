// Texts and lists of them as C takes them: the arguments and the environment of a program.
using System.Runtime.InteropServices;
using System.Text;

namespace Cygnet.Linux.Native;

/// <summary>What was added is freed when it is disposed.</summary>
sealed unsafe class NativeStrings : IDisposable
{
    readonly List<nint> _blocks = [];

    internal byte* Add(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text + '\0');
        var memory = Allocate(bytes.Length);
        bytes.CopyTo(new Span<byte>(memory, bytes.Length));
        return memory;
    }

    internal byte** AddList(IReadOnlyList<string> texts)
    {
        var list = (byte**)Allocate((texts.Count + 1) * sizeof(byte*));
        for (var i = 0; i < texts.Count; i++) list[i] = Add(texts[i]);
        list[texts.Count] = null;
        return list;
    }

    byte* Allocate(int bytes)
    {
        var memory = (byte*)NativeMemory.Alloc((nuint)bytes);
        _blocks.Add((nint)memory);
        return memory;
    }

    public void Dispose()
    {
        foreach (var block in _blocks) NativeMemory.Free((void*)block);
    }
}
